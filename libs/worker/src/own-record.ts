import { encodeRecord, workerPath, type WorkerRecord } from '@drover/protocol';
import { inBackground, type Runtime, type Timer } from '@drover/runtime';
import { isZooKeeperError, nullOn, type ZooKeeper } from '@drover/zookeeper';
import type { TaskRun } from './run/task-run.js';

/** Shorter tasks are never shown. */
export const SHOWN_AFTER_MS = 250;
const MAX_SHOWN = 64;
const MAX_NOTE_CHARS = 200;
/** Progress costs at most one write in this time. */
const WRITE_EVERY_MS = 2_000;

/** The running tasks that the record shows, the oldest first. */
export function shownRuns(running: Iterable<TaskRun>): WorkerRecord['running'] {
  return [...running]
    .filter((run) => run.ranMs >= SHOWN_AFTER_MS)
    .slice(0, MAX_SHOWN)
    .map(({ task, attempt, startedAt, fraction, note }) => ({
      task,
      attempt,
      startedAt,
      ...(fraction === undefined ? {} : { progress: fraction }),
      ...(note === undefined ? {} : { note: note.slice(0, MAX_NOTE_CHARS) }),
    }));
}

export interface OwnRecordOptions {
  zk: ZooKeeper;
  runtime: Runtime;
  worker: string;
  describe: () => Omit<WorkerRecord, 'v'>;
  /** The amounts of its resources that it really uses, as of now: told along with a write, never worth one. */
  used: () => WorkerRecord['used'];
  /** Whether a running task is not shown yet, but will be if it goes on. */
  isMoreToCome: () => boolean;
  /** `/workers/<worker>` is gone although the session lives. */
  onEvicted: () => void;
  /** It cannot be written: a fault of this program. */
  onBroken: (error: unknown) => void;
}

/**
 * The part of the record that changes and is worth a write, so without the count of what runs at this moment. The types are
 * not in it: there may be thousands, and this is looked at several times a second.
 */
const lasting = (record: Omit<WorkerRecord, 'v'>): string => {
  const { state, stopping, running, paces, capacity, labels, resources, devices, overcommit, pressed, until } = record;
  const declared = [capacity, labels, resources, devices, overcommit, pressed, until];
  return JSON.stringify([state, stopping, running, paces, declared]);
};

/** Keeps `/workers/<worker>` up to date: written only when it would change. */
export class OwnRecord {
  readonly #options: OwnRecordOptions;
  #written: string;
  #writtenAtMs = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;
  #isAllowed = true;
  #isWriting = false;
  #isUrgent = false;

  /** `registered`: what the registration has written. */
  constructor(options: OwnRecordOptions, registered: Omit<WorkerRecord, 'v'>) {
    this.#options = options;
    this.#written = lasting(registered);
  }

  allow(isAllowed: boolean): void {
    this.#isAllowed = isAllowed;
    if (isAllowed) this.changed();
  }

  /** Something that it tells may have changed. */
  changed(): void {
    this.#timer ??= this.#options.runtime.after(SHOWN_AFTER_MS, () => {
      this.#timer = undefined;
      this.#look();
    });
  }

  /** The state has changed: the leader should know at once, and it happens too rarely to cost anything. */
  urgent(): void {
    this.#isUrgent = true;
    this.#writeNow();
  }

  /** Resolves when ZooKeeper has been sent what it says now; a request after it is carried out after it. */
  async said(): Promise<void> {
    const record = this.#options.describe();
    if (lasting(record) === this.#written) return;
    await nullOn(this.#options.zk.set(workerPath(this.#options.worker), this.#encoded(record)), 'NO_NODE');
    this.#written = lasting(record);
  }

  close(): void {
    this.#isAllowed = false;
    this.#timer?.cancel();
  }

  #look(): void {
    if (!this.#isAllowed) return;
    const { runtime, isMoreToCome } = this.#options;
    const inMs = this.#writtenAtMs + WRITE_EVERY_MS - runtime.monotonic();
    if (lasting(this.#options.describe()) === this.#written) {
      if (isMoreToCome()) this.changed();
    } else if (inMs <= 0) this.#writeNow();
    else {
      this.#timer = runtime.after(inMs, () => {
        this.#timer = undefined;
        this.#look();
      });
    }
  }

  #encoded(record: Omit<WorkerRecord, 'v'>): string {
    const used = this.#options.used();
    return encodeRecord('worker', used === undefined ? record : { ...record, used });
  }

  #writeNow(): void {
    inBackground(this.#write(), this.#options.onBroken);
  }

  async #write(): Promise<void> {
    const record = this.#options.describe();
    const text = lasting(record);
    if (!this.#isAllowed || this.#isWriting || text === this.#written) return;
    const { zk, runtime, worker, onEvicted } = this.#options;
    this.#isWriting = true;
    this.#isUrgent = false;
    this.#written = text;
    this.#writtenAtMs = runtime.monotonic();
    try {
      await zk.set(workerPath(worker), this.#encoded(record));
    } catch (error) {
      this.#written = '';
      if (isZooKeeperError(error, 'NO_NODE')) onEvicted();
    } finally {
      this.#isWriting = false;
      this.#afterWrite();
    }
  }

  /** Changes in the meantime, and those that could not be written. */
  #afterWrite(): void {
    if (this.#isUrgent) this.#writeNow();
    else this.changed();
  }
}
