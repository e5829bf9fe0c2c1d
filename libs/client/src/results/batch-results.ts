import { RecordError, taskId, type BatchId } from '@drover/core';
import {
  batchPath,
  childOf,
  compareResultNames,
  decodeBatchHeader,
  decodeResult,
  parseResultName,
  resultPath,
} from '@drover/protocol';
import type { Log } from '@drover/observability';
import { inBackground, type Runtime } from '@drover/runtime';
import {
  isZooKeeperError,
  nullOn,
  type WatchEvent,
  type WatchHandle,
  type Znode,
  type ZooKeeper,
} from '@drover/zookeeper';
import { isPassing, withHandle } from '../again.js';
import type { Connection } from '../connection.js';
import type { BatchRef } from '../submit/batch-builder.js';
import { AwaitedTasks, type ReadResult, type Waiter } from './awaited-tasks.js';

export interface ResultsContext {
  connection: Connection;
  runtime: Runtime;
  log: Log;
  /** The most bytes of endings that nobody has asked for yet, per batch. */
  keptResultBytes: number;
  /** Called with a watch that is not needed any more. */
  unwatch: (watch: WatchHandle) => void;
}

/**
 * The results of one batch, for the callers in this process that wait for its tasks.
 *
 * It watches the batch recursively and reads each result znode once, when its name appears: in an event, or in the
 * listing that follows the setting of the watch and every reset of it (what happened while disconnected is not
 * replayed). A watch that was set before the batch was written has seen all there is, and needs no listing. While
 * nobody waits, names are noted and not read. The watch goes when every task has ended.
 */
export class BatchResults {
  readonly batchId: BatchId;
  readonly #path: string;
  readonly #context: ResultsContext;
  readonly #onIdle: (results: BatchResults) => void;
  readonly #tasks: AwaitedTasks;
  /** Names that were read, or are being read. A new set is a new round: reads of an earlier one are dropped. */
  #seen = new Set<string>();
  #unread: string[] = [];
  #watchedWith: ZooKeeper | null = null;
  #watch: WatchHandle | null = null;
  /**
   * The watch was set before the batch was written, or before the listing that is under way, and was not interrupted
   * since: a result that it has not told does not exist.
   */
  #sawAll = false;
  #begun = false;
  #following = false;
  #followAgain = false;
  /** Why a result could not be read: some tasks may have ended without a readable result. */
  #garbage: RecordError | null = null;
  #checking = false;
  /** Set when no wait can succeed any more: the batch is gone, or the client closed. */
  #over: ((index: number) => unknown) | null = null;

  constructor(batch: BatchRef, context: ResultsContext, onIdle: (results: BatchResults) => void) {
    this.batchId = batch.id;
    this.#path = batchPath(batch.id);
    this.#context = context;
    this.#onIdle = onIdle;
    this.#tasks = new AwaitedTasks(batch.id, context.keptResultBytes, batch.groups);
  }

  get idle(): boolean {
    return this.#tasks.idle;
  }

  /** No later `wait` can use anything that is kept here. */
  get spent(): boolean {
    return this.idle && (this.#over !== null || this.#tasks.spent);
  }

  /** Somebody has asked for a task of it. */
  get awaited(): boolean {
    return this.#begun;
  }

  /** The batch is about to be written with `zk`, and somebody may ask for its tasks soon. */
  watchAhead(zk: ZooKeeper): void {
    this.#sawAll = true;
    this.#setWatch(zk).catch(() => (this.#sawAll = false));
  }

  wait(index: number, waiter: Waiter): void {
    if (this.#over !== null) return waiter.failed(this.#over(index));
    const answer = this.#tasks.wait(index, waiter);
    if (answer === 'told') return this.#tellIfIdle();
    if (answer === 'read-again') this.#startOver();
    if (answer === 'read-again' || !this.#begun || this.#unread.length > 0) this.#follow();
  }

  /** `waiter` no longer waits. */
  leave(index: number, waiter: Waiter): void {
    this.#tasks.leave(index, waiter);
    this.#tellIfIdle();
  }

  /** The session is new: it has no watches yet. */
  sessionRenewed(): void {
    if (this.#begun && this.#over === null) this.#follow();
  }

  /** Ends every wait with an error, and the watch. */
  end(error: (index: number) => unknown): void {
    this.#over = error;
    this.#unwatch();
    this.#tasks.failAll(error);
    this.#tellIfIdle();
  }

  /** Nobody waits, and nobody will: drops the watch. */
  stop(): void {
    this.#over ??= (index) => this.#tasks.notFound(index);
    this.#unwatch();
  }

  #tellIfIdle(): void {
    if (this.idle) this.#onIdle(this);
  }

  #startOver(): void {
    this.#seen = new Set();
    this.#unread = [];
    this.#sawAll = false;
    this.#tasks.startOver();
  }

  /** Sets the watch if it is not set, lists, and reads new results; one run at a time. */
  #follow(): void {
    this.#begun = true;
    this.#followAgain = true;
    if (!this.#following) this.#background(this.#followUntilCurrent());
  }

  /** Waiters get the unexpected error. */
  #background(done: Promise<void>): void {
    inBackground(done, (error) => this.end(() => error));
  }

  async #followUntilCurrent(): Promise<void> {
    const { connection, runtime } = this.#context;
    this.#following = true;
    try {
      while (this.#followAgain && this.#over === null) {
        this.#followAgain = false;
        await withHandle(connection, runtime, (zk) => this.#watchAndList(zk));
      }
    } catch (error) {
      this.end(() => error);
    } finally {
      this.#following = false;
    }
    if (this.#unread.length > 0 && !this.idle && this.#over === null) this.#follow();
  }

  async #watchAndList(zk: ZooKeeper): Promise<void> {
    try {
      if (!this.#sawAll || this.#watchedWith !== zk || !this.#tasks.known) await this.#list(zk);
      while (this.#unread.length > 0 && !this.idle) await this.#readAll(zk, this.#unread.splice(0));
    } catch (error) {
      // The next listing has the results that were to be read.
      this.#sawAll = false;
      throw error;
    }
  }

  async #list(zk: ZooKeeper): Promise<void> {
    // A reset of the watch during the listing sets this back to false.
    this.#sawAll = true;
    const watching = this.#watchedWith === zk ? null : this.#setWatch(zk);
    // The requests go out together. The listing is answered after the watch was set, so nothing falls between them.
    const listing = nullOn(zk.children(this.#path), 'NO_NODE');
    const reading = this.#tasks.known ? null : this.#readHeader(zk);
    const [names] = await Promise.all([listing, watching, reading]);
    if (names === null || !this.#tasks.known) await this.#checkGone(zk);
    else await this.#readAll(zk, names);
  }

  async #setWatch(zk: ZooKeeper): Promise<void> {
    this.#watchedWith = zk;
    try {
      const watch = await zk.watch(this.#path, 'recursive', {
        event: (event) => {
          if (this.#watchedWith === zk) this.#event(zk, event);
        },
        reset: () => {
          if (this.#watchedWith !== zk) return;
          this.#sawAll = false;
          // If nobody waits yet, the batch may not even be written: the first waiter causes the listing.
          if (this.#begun) this.#follow();
        },
      });
      if (this.#watchedWith === zk) this.#watch = watch;
      else await watch.close();
    } catch (error) {
      if (this.#watchedWith === zk) this.#watchedWith = null;
      throw error;
    }
  }

  /** Throws `RecordError`. */
  async #readHeader(zk: ZooKeeper): Promise<void> {
    const znode = await nullOn(zk.get(this.#path), 'NO_NODE');
    if (znode === null || this.#tasks.known) return;
    this.#tasks.know(decodeBatchHeader(this.#path, znode.data).groups);
    this.#tellIfIdle();
  }

  /**
   * The server that answered may be behind the one that took the batch, or that told of the result: it is asked again
   * when it has caught up.
   */
  async #checkGone(zk: ZooKeeper): Promise<void> {
    await zk.sync(this.#path);
    if ((await zk.exists(this.#path)) === null) this.#gone();
    else {
      this.#sawAll = false;
      this.#follow();
    }
  }

  #event(zk: ZooKeeper, { type, path }: WatchEvent): void {
    if (type === 'deleted' && path === this.#path) return this.#gone();
    if (type === 'changed' && path === this.#path) return this.#checkGarbage(zk);
    const name = type === 'created' ? childOf(this.#path, path) : null;
    if (name === null) return;
    // Results are read in their order: those of the listing before those that events tell after it.
    if (this.idle || this.#following) this.#unread.push(name);
    else this.#background(this.#readTold(zk, name));
  }

  async #readTold(zk: ZooKeeper, name: string): Promise<void> {
    try {
      await this.#readAll(zk, [name]);
    } catch (error) {
      this.#sawAll = false;
      if (isPassing(error)) this.#follow();
      else this.end(() => error);
    }
  }

  /** Reads the results that were not read yet, and passes them on in their order. */
  async #readAll(zk: ZooKeeper, names: readonly string[]): Promise<void> {
    const seen = this.#seen;
    const fresh = inOrder(names.filter((name) => !seen.has(name)));
    for (const name of fresh) seen.add(name);
    try {
      const znodes = await Promise.all(fresh.map((name) => zk.get(resultPath(this.batchId, name))));
      if (this.#seen === seen && this.#over === null) this.#apply(fresh, znodes);
      this.#checkGarbage(zk);
    } catch (error) {
      for (const name of fresh) seen.delete(name);
      if (!isZooKeeperError(error, 'NO_NODE')) throw error;
      await this.#checkGone(zk);
    }
  }

  #apply(names: readonly string[], znodes: readonly Znode[]): void {
    const results = znodes.map(({ data }, i) => this.#decode(resultPath(this.batchId, names[i] ?? ''), data));
    this.#tasks.apply(results.filter((result) => result !== null));
    if (this.#tasks.complete) this.#unwatch();
    this.#tellIfIdle();
  }

  /** `null`: the result is garbage, which is logged. */
  #decode(path: string, data: Buffer): ReadResult | null {
    try {
      return { ...decodeResult(path, data), bytes: data.length };
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      this.#context.log.event('record.invalid', { path, reason: error.message });
      this.#garbage = error;
      return null;
    }
  }

  /**
   * Once the batch is finished and all results are read, the tasks that are still awaited ended in unreadable results.
   */
  #checkGarbage(zk: ZooKeeper): void {
    if (this.#garbage === null || this.idle || this.#checking) return;
    this.#checking = true;
    this.#endUnreadable(zk, this.#garbage)
      .catch((error: unknown) => {
        if (!isPassing(error)) this.end(() => error);
      })
      .finally(() => (this.#checking = false));
  }

  async #endUnreadable(zk: ZooKeeper, { path, why }: RecordError): Promise<void> {
    const isFinished = async (): Promise<boolean> => {
      const znode = await nullOn(zk.get(this.#path), 'NO_NODE');
      return znode !== null && decodeBatchHeader(this.#path, znode.data).finished !== undefined;
    };
    if (!(await isFinished())) return;
    const names = (await nullOn(zk.children(this.#path), 'NO_NODE')) ?? [];
    await this.#readAll(zk, names);
    // Answers come in the order of the requests, so the answers to earlier reads are taken up by now. If the batch was
    // reopened meanwhile, its callers go on waiting.
    if (!(await isFinished()) || this.#over !== null) return;
    this.#tasks.failAll(
      (index) =>
        new RecordError(
          path,
          `task ${taskId(this.batchId, index)} has finished, but its result cannot be read: ${why}`,
        ),
    );
    this.#tellIfIdle();
  }

  /** The batch was removed, by retention or by hand. */
  #gone(): void {
    this.end((index) => this.#tasks.notFound(index));
  }

  #unwatch(): void {
    const watch = this.#watch;
    this.#watch = null;
    this.#watchedWith = null;
    if (watch !== null) this.#context.unwatch(watch);
  }
}

function inOrder(names: readonly string[]): string[] {
  if (names.length === 1 && parseResultName(names[0] ?? '') !== null) return [...names];
  const parsed = [...new Set(names)].flatMap((name) => {
    const parts = parseResultName(name);
    return parts === null ? [] : [{ name, parts }];
  });
  return parsed.sort((a, b) => compareResultNames(a.parts, b.parts)).map(({ name }) => name);
}
