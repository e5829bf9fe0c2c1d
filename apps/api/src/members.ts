import type { Drover, QueueView, SchedulerView, StatusView, WorkerView } from '@drover/client';
import type { Runtime } from '@drover/runtime';

/** How old what the znodes say may be for a view. */
const GOOD_FOR_MS = 5_000;
/** ... after the leader told of a change. */
const GOOD_AFTER_CHANGE_MS = 500;
/** Reading takes at most so much of the time, however many members there are. */
const SHARE = 20;

export interface Aged<T> {
  readonly value: T;
  /** How long ago it was read, in milliseconds. */
  readonly ageMs: number;
  /** Grows when what is read differs from what was read before. */
  readonly version: number;
}

export interface MemberOptions {
  /** It must have been read after this call. */
  fresh?: boolean;
}

/**
 * Members and queues as the znodes tell them, read at most every few seconds for all viewers together: they cost ZooKeeper the
 * same, whether one or a thousand look.
 */
export class Members {
  readonly #status: Cached<StatusView>;
  readonly #queues: Cached<QueueView[]>;

  constructor(drover: Pick<Drover, 'status' | 'queues'>, runtime: Runtime) {
    this.#status = new Cached(() => drover.status(), runtime);
    this.#queues = new Cached(() => drover.queues(), runtime);
  }

  status(options?: MemberOptions): Promise<Aged<StatusView>> {
    return this.#status.get(options);
  }

  async workers(options?: MemberOptions): Promise<Aged<readonly WorkerView[]>> {
    const { value, ...rest } = await this.#status.get(options);
    return { ...rest, value: value.workers };
  }

  async schedulers(options?: MemberOptions): Promise<Aged<readonly SchedulerView[]>> {
    const { value, ...rest } = await this.#status.get(options);
    return { ...rest, value: value.schedulers };
  }

  /** All of them, with their settings. */
  queues(options?: MemberOptions): Promise<Aged<readonly QueueView[]>> {
    return this.#queues.get(options);
  }

  /** The last reading, however old; null: there was none. */
  get lastStatus(): Aged<StatusView> | null {
    return this.#status.last;
  }

  /** The leader told of a change: what is asked for next is read anew. */
  changed(): void {
    this.#status.changed();
    this.#queues.changed();
  }

  /** Calls `listener` when what is read differs. */
  onChange(listener: () => void): () => void {
    const stops = [this.#status.onChange(listener), this.#queues.onChange(listener)];
    return () => stops.forEach((stop) => stop());
  }
}

/** One value that many ask for, read by one of them. */
class Cached<T> {
  readonly #read: () => Promise<T>;
  readonly #runtime: Runtime;
  readonly #listeners = new Set<() => void>();
  #found: { value: T; text: string; at: number; tookMs: number; version: number } | null = null;
  #reading: Promise<void> | null = null;
  #changedAt = -Infinity;

  constructor(read: () => Promise<T>, runtime: Runtime) {
    this.#read = read;
    this.#runtime = runtime;
  }

  get last(): Aged<T> | null {
    if (this.#found === null) return null;
    const { value, at, version } = this.#found;
    return { value, version, ageMs: this.#runtime.monotonic() - at };
  }

  async get({ fresh = false }: MemberOptions = {}): Promise<Aged<T>> {
    // One that is under way began before this call.
    if (fresh) await this.#reading;
    if (fresh || !this.#isGood()) await this.#readOnce();
    return this.last ?? this.get();
  }

  changed(): void {
    this.#changedAt = this.#runtime.monotonic();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #isGood(): boolean {
    if (this.#found === null) return false;
    const { at, tookMs } = this.#found;
    const goodMs = at < this.#changedAt ? GOOD_AFTER_CHANGE_MS : GOOD_FOR_MS;
    return this.#runtime.monotonic() - at < Math.max(goodMs, SHARE * tookMs);
  }

  #readOnce(): Promise<void> {
    this.#reading ??= this.#readNow().finally(() => (this.#reading = null));
    return this.#reading;
  }

  async #readNow(): Promise<void> {
    const begunAt = this.#runtime.monotonic();
    const value = await this.#read();
    const at = this.#runtime.monotonic();
    const text = JSON.stringify(value);
    const isNew = text !== this.#found?.text;
    const version = (this.#found?.version ?? 0) + (isNew ? 1 : 0);
    this.#found = { value, text, at: begunAt, tookMs: at - begunAt, version };
    if (isNew) for (const listener of [...this.#listeners]) listener();
  }
}
