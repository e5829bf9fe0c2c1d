import type { BatchId } from '@drover/core';
import { endIn, notesInOrder, type EndedRun } from '@drover/inspect';
import { decodeNotes, flowPath, notePath, type NoteRecord } from '@drover/protocol';
import { inBackground, type Runtime } from '@drover/runtime';
import { needNotSucceed, nullOn, type WatchHandle, type ZooKeeper } from '@drover/zookeeper';
import { withHandle } from '../again.js';
import type { Connection } from '../connection.js';
import { ClientClosedError } from '../errors.js';
import { RunNotFoundError } from './errors.js';

interface Waiter {
  readonly run: number;
  ended(end: EndedRun): void;
  failed(error: unknown): void;
}

/** Tells how runs end, to whoever waits in this process. Flows of which nobody awaits a run are not watched. */
export class RunEnds {
  readonly #context: { connection: Connection; runtime: Runtime };
  readonly #flows = new Map<BatchId, FlowEnds>();
  #isClosed = false;

  constructor(context: { connection: Connection; runtime: Runtime }) {
    this.#context = context;
    context.connection.onNewSession(() => {
      for (const flow of this.#flows.values()) flow.look();
    });
  }

  /** Rejects with `RunNotFoundError`, `ClientClosedError`, and the signal's reason. */
  async wait(id: BatchId, run: number, signal?: AbortSignal): Promise<EndedRun> {
    signal?.throwIfAborted();
    if (this.#isClosed) throw new ClientClosedError();
    let flow = this.#flows.get(id);
    if (flow === undefined) {
      flow = new FlowEnds(id, this.#context, () => this.#flows.delete(id));
      this.#flows.set(id, flow);
    }
    return flow.wait(run, signal);
  }

  close(): void {
    this.#isClosed = true;
    for (const flow of [...this.#flows.values()]) flow.end(() => new ClientClosedError());
  }
}

/**
 * The ends of the runs of one flow: one recursive watch on its znode, and a listing after the watch was set and after each
 * change; a note is read once. The watch goes when nobody waits.
 */
class FlowEnds {
  readonly #id: BatchId;
  readonly #context: { connection: Connection; runtime: Runtime };
  readonly #onIdle: () => void;
  readonly #waiters = new Set<Waiter>();
  readonly #seen = new Set<string>();
  #notes: NoteRecord[] = [];
  #watchedWith: ZooKeeper | null = null;
  #watch: WatchHandle | null = null;
  #isLooking = false;
  #lookAgain = false;

  constructor(id: BatchId, context: { connection: Connection; runtime: Runtime }, onIdle: () => void) {
    this.#id = id;
    this.#context = context;
    this.#onIdle = onIdle;
  }

  async wait(run: number, signal: AbortSignal | undefined): Promise<EndedRun> {
    const { promise, resolve, reject } = withResolvers<EndedRun>();
    const waiter: Waiter = { run, ended: resolve, failed: reject };
    const aborted = (): void => {
      this.#waiters.delete(waiter);
      reject(signal?.reason);
      this.#stopIfIdle();
    };
    this.#waiters.add(waiter);
    signal?.addEventListener('abort', aborted, { once: true });
    this.look();
    try {
      return await promise;
    } finally {
      signal?.removeEventListener('abort', aborted);
    }
  }

  /** Lists and reads; one at a time. */
  look(): void {
    this.#lookAgain = true;
    if (!this.#isLooking) inBackground(this.#lookUntilCurrent(), (error) => this.end(() => error));
  }

  end(error: (run: string) => unknown): void {
    for (const waiter of this.#waiters) waiter.failed(error(`${this.#id}.${waiter.run}`));
    this.#waiters.clear();
    this.#stopIfIdle();
  }

  async #lookUntilCurrent(): Promise<void> {
    const { connection, runtime } = this.#context;
    this.#isLooking = true;
    try {
      while (this.#lookAgain && this.#waiters.size > 0) {
        this.#lookAgain = false;
        await withHandle(connection, runtime, (zk) => this.#read(zk));
      }
    } finally {
      this.#isLooking = false;
    }
  }

  async #read(zk: ZooKeeper): Promise<void> {
    const watching = this.#watchedWith === zk ? null : this.#setWatch(zk);
    const path = flowPath(this.#id);
    // Answered after the watch was set: nothing falls between them.
    const [names] = await Promise.all([nullOn(zk.children(path), 'NO_NODE'), watching]);
    if (names === null) return this.#checkGone(zk);
    const fresh = notesInOrder(names.filter((name) => !this.#seen.has(name)));
    const znodes = await Promise.all(fresh.map((name) => zk.get(notePath(this.#id, name))));
    for (const [i, { data }] of znodes.entries()) {
      const name = fresh[i] ?? '';
      this.#seen.add(name);
      const ofEnds = decodeNotes(notePath(this.#id, name), data).filter(
        ({ kind }) => kind === 'ended' || kind === 'retry',
      );
      this.#notes.push(...ofEnds);
    }
    this.#tell();
  }

  /** The server that answered may be behind the one that took the flow. */
  async #checkGone(zk: ZooKeeper): Promise<void> {
    await zk.sync(flowPath(this.#id));
    if ((await zk.exists(flowPath(this.#id))) === null) this.end((run) => new RunNotFoundError(run));
    else this.#lookAgain = true;
  }

  #tell(): void {
    for (const waiter of [...this.#waiters]) {
      const end = endIn(this.#notes, waiter.run);
      if (end === null) continue;
      this.#waiters.delete(waiter);
      waiter.ended(end);
    }
    this.#stopIfIdle();
  }

  async #setWatch(zk: ZooKeeper): Promise<void> {
    this.#watchedWith = zk;
    const look = (): void => {
      if (this.#watchedWith === zk) this.look();
    };
    try {
      const watch = await zk.watch(flowPath(this.#id), 'recursive', { event: look, reset: look });
      if (this.#watchedWith === zk) this.#watch = watch;
      else await watch.close();
    } catch (error) {
      if (this.#watchedWith === zk) this.#watchedWith = null;
      throw error;
    }
  }

  #stopIfIdle(): void {
    if (this.#waiters.size > 0) return;
    const watch = this.#watch;
    this.#watch = null;
    this.#watchedWith = null;
    this.#onIdle();
    if (watch !== null) inBackground(watch.close(), needNotSucceed);
  }
}

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: unknown) => void } {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
