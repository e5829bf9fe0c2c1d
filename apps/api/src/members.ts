import {
  CommandTimeoutError,
  NoLeaderError,
  type AccountUse,
  type AccountView,
  type Capacity,
  type Defined,
  type Drover,
  type LimitSummary,
  type LimitView,
  type QueueView,
  type SchedulerView,
  type StatusView,
  type WorkerView,
} from '@drover/client';
import type { Session } from '@drover/coordination';
import type { Runtime } from '@drover/runtime';
import { MemberWatches } from './member-watches.js';

/** How old what the znodes say may be for a view, once counts were written anew, or while no watches stand. */
const GOOD_FOR_MS = 5_000;
/** ... for views that have the counts from the leader itself. */
const GOOD_BESIDE_COUNTERS_MS = 20_000;
/** ... after members or settings changed. */
const GOOD_AFTER_CHANGE_MS = 500;
/** Reading takes at most so much of the time, however many members there are. */
const SHARE = 20;

export interface Aged<T> {
  readonly value: T;
  /** How old it may be, in milliseconds: 0 while watches tell that nothing has changed since. */
  readonly ageMs: number;
  /** Grows when what is read differs from what was read before. */
  readonly version: number;
}

export interface MemberOptions {
  /** It must have been read after this call. */
  fresh?: boolean;
  /** The leader's own counts are shown beside it, so that those in the znodes may be older. */
  besideCounters?: boolean;
}

/**
 * Members and queues as the znodes tell them. They are read when somebody asks and watches have told of a change, at most every
 * few seconds for all viewers together: while nothing changes viewers cost ZooKeeper nothing, however many look.
 */
export class Members {
  readonly #status: Cached<StatusView>;
  readonly #queues: Cached<QueueView[]>;
  readonly #limits: Cached<Limit[]>;
  readonly #accounts: Cached<Account[]>;
  readonly #capacity: Cached<Capacity>;
  readonly #all: readonly Cached<unknown>[];

  constructor(
    drover: Pick<Drover, 'status' | 'queues' | 'limits' | 'accounts' | 'capacity'>,
    session: Session,
    runtime: Runtime,
  ) {
    const watches = new MemberWatches(session, { changed: () => this.changed(), counted: () => this.#counted() });
    const isFollowed = (): boolean => watches.isFollowing;
    this.#status = new Cached(() => drover.status(), isFollowed, runtime);
    this.#queues = new Cached(() => drover.queues(), isFollowed, runtime);
    // Nothing tells of tasks that wait for limits, nor of what tasks hold.
    const unfollowed = <T>(read: () => Promise<T>): Cached<T> => new Cached(read, () => false, runtime);
    this.#limits = unfollowed(() => limitsInUse(drover));
    this.#accounts = unfollowed(() => accountsInUse(drover));
    this.#capacity = unfollowed(() => drover.capacity());
    this.#all = [this.#status, this.#queues, this.#limits, this.#accounts, this.#capacity];
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

  /** All that are declared, with their use; without a leader only what is declared. */
  limits(): Promise<Aged<readonly Limit[]>> {
    return this.#limits.get();
  }

  /** Those that are defined or in use, by name; without a leader only what is defined. */
  accounts(): Promise<Aged<readonly Account[]>> {
    return this.#accounts.get();
  }

  /** As `Drover.capacity` answers of all pools; rejects as it does. */
  capacity(): Promise<Aged<Capacity>> {
    return this.#capacity.get();
  }

  /** The last reading, however old; null: there was none. */
  get lastStatus(): Aged<StatusView> | null {
    return this.#status.last;
  }

  /** Members or settings changed: what is asked for next is read anew. */
  changed(): void {
    for (const cached of this.#all) cached.changed();
  }

  /** A caller of this replica has changed something: nothing is shown any more that was read before. */
  acted(): void {
    for (const cached of this.#all) cached.forget();
  }

  #counted(): void {
    this.#status.counted();
    this.#queues.counted();
  }

  /** Calls `listener` when what is read differs. */
  onChange(listener: () => void): () => void {
    const stops = [this.#status.onChange(listener), this.#queues.onChange(listener)];
    return () => stops.forEach((stop) => stop());
  }
}

type Limit = LimitView | LimitSummary;

/** The leader is asked by a command, so not once for each viewer. */
const limitsInUse = async ({ limits }: Pick<Drover, 'limits'>): Promise<Limit[]> =>
  (await unlessLeaderless(limits.usage())) ?? limits.list();

/** Each of them is there, or both. */
export interface Account {
  readonly name: string;
  readonly defined: Defined<AccountView> | null;
  readonly use: AccountUse | null;
}

async function accountsInUse({ accounts }: Pick<Drover, 'accounts'>): Promise<Account[]> {
  const [all, uses] = await Promise.all([accounts.list(), unlessLeaderless(accounts.usage())]);
  const defined = new Map(all.map((each) => [each.name, each]));
  const used = new Map((uses ?? []).map((use) => [use.account, use]));
  return [...new Set([...defined.keys(), ...used.keys()])]
    .sort()
    .map((name) => ({ name, defined: defined.get(name) ?? null, use: used.get(name) ?? null }));
}

/** Null: nobody leads, or not well enough to answer. */
async function unlessLeaderless<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof NoLeaderError || error instanceof CommandTimeoutError) return null;
    throw error;
  }
}

/** One value that many ask for, read by one of them. */
class Cached<T> {
  readonly #read: () => Promise<T>;
  readonly #isFollowed: () => boolean;
  readonly #runtime: Runtime;
  readonly #listeners = new Set<() => void>();
  #found: { value: T; text: string; at: number; tookMs: number; version: number } | null = null;
  #reading: Promise<void> | null = null;
  #begunAt = 0;
  #changedAt = -Infinity;
  /** A reading that began before this time is not shown any more. */
  #forgottenAt = -Infinity;
  #countedAt = -Infinity;

  constructor(read: () => Promise<T>, isFollowed: () => boolean, runtime: Runtime) {
    this.#read = read;
    this.#isFollowed = isFollowed;
    this.#runtime = runtime;
  }

  get last(): Aged<T> | null {
    if (this.#found === null) return null;
    const { value, at, version } = this.#found;
    return { value, version, ageMs: this.#isCurrent(at) ? 0 : this.#runtime.monotonic() - at };
  }

  async get({ fresh = false, besideCounters = false }: MemberOptions = {}): Promise<Aged<T>> {
    // One that is under way began before this call, or before what was done.
    if (fresh || this.#isForgotten(this.#begunAt)) await this.#reading;
    if (fresh || !this.#isGood(besideCounters ? GOOD_BESIDE_COUNTERS_MS : GOOD_FOR_MS)) await this.#readOnce();
    return this.last ?? this.get();
  }

  changed(): void {
    this.#changedAt = this.#runtime.monotonic();
  }

  forget(): void {
    this.#forgottenAt = this.#runtime.monotonic();
  }

  counted(): void {
    this.#countedAt = this.#runtime.monotonic();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #isGood(goodForMs: number): boolean {
    if (this.#found === null) return false;
    const { at, tookMs } = this.#found;
    if (this.#isForgotten(at)) return false;
    if (this.#isCurrent(at)) return true;
    const olderMs = this.#isFollowed() ? goodForMs : GOOD_FOR_MS;
    const goodMs = at <= this.#changedAt ? GOOD_AFTER_CHANGE_MS : olderMs;
    return this.#runtime.monotonic() - at < Math.max(goodMs, SHARE * tookMs);
  }

  #isForgotten(at: number): boolean {
    return at <= this.#forgottenAt;
  }

  /** Watches stood when it was read at `at`, and have told nothing since. */
  #isCurrent(at: number): boolean {
    return this.#isFollowed() && at > this.#changedAt && at > this.#countedAt;
  }

  #readOnce(): Promise<void> {
    this.#reading ??= this.#readNow().finally(() => (this.#reading = null));
    return this.#reading;
  }

  async #readNow(): Promise<void> {
    const begunAt = this.#runtime.monotonic();
    this.#begunAt = begunAt;
    const value = await this.#read();
    const at = this.#runtime.monotonic();
    const text = JSON.stringify(value);
    const isNew = text !== this.#found?.text;
    const version = (this.#found?.version ?? 0) + (isNew ? 1 : 0);
    this.#found = { value, text, at: begunAt, tookMs: at - begunAt, version };
    if (isNew) for (const listener of [...this.#listeners]) listener();
  }
}
