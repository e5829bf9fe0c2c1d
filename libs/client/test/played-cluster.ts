import { ensureLayout } from '@drover/coordination';
import {
  batchPath,
  decodeBatch,
  decodeRecord,
  encodeBatch,
  encodeRecord,
  encodeFailure,
  encodeResult,
  encodeSucceeded,
  parseTasksPath,
  commandPath,
  resultName,
  resultPath,
  ROOTS,
  childOf,
  splitConnectString,
  withRoot,
  type Batch,
  type CommandAnswer,
  type CommandRecord,
  type CommandRequest,
  type ResultName,
} from '@drover/protocol';
import type { TaskFailure, RangeEnd } from '@drover/core';
import { inBackground, systemRuntime } from '@drover/runtime';
import { PlainSession, type SessionCredentials, type Teardown } from '@drover/testing';
import { connectZooKeeper, isZooKeeperError, nullOn, type ZooKeeper } from '@drover/zookeeper';

/** How a task of the played worker ends. */
export type Played =
  | { outcome: 'succeeded'; result: unknown }
  | { outcome: 'failed' | 'rejected' | 'timed-out'; error: TaskFailure }
  | { outcome: 'cancelled' | 'lost' | 'returned' | 'requeued' };

export interface PlayedBatch {
  id: string;
  batch: Batch;
}

/** Plays the leader and the worker with a raw ZooKeeper handle: it writes the znodes that a client sees. */
export class PlayedCluster {
  readonly zk: ZooKeeper;
  readonly seen: PlayedBatch[] = [];
  readonly #arrivals: { count: number; resolve: () => void }[] = [];
  #onBatch: (batch: PlayedBatch) => void = () => undefined;
  readonly #address: string;
  #n = 0;
  #garbage = '';
  /** Failures of the work that the cluster does by itself. */
  readonly #failures: unknown[] = [];

  private constructor(zk: ZooKeeper, address: string) {
    this.zk = zk;
    this.#address = address;
  }

  static async start(t: Teardown, connect: string): Promise<PlayedCluster> {
    const options = { connect: withRoot(connect), runtime: systemRuntime };
    const zk = connectZooKeeper(options);
    const cluster = new PlayedCluster(zk, splitConnectString(connect).hosts);
    t.teardown(() => cluster.#end());
    await zk.connected();
    await ensureLayout({ zk, factory: connectZooKeeper, options });
    await zk.watch(ROOTS.tasks, 'recursive', {
      event: ({ type, path }) => {
        const place = type === 'created' ? parseTasksPath(path) : null;
        if (place?.result === null) cluster.#byItself(cluster.#read(place.batch));
      },
      reset: () => undefined,
    });
    return cluster;
  }

  /** From here on every task that is submitted ends at once, as `handler` says. */
  answer(handler: (payload: unknown, index: number, id: string) => Played): void {
    this.#onBatch = ({ id, batch }) => {
      const ends = Array.from({ length: batch.header.count }, (_, index): [number, Played] => [
        index,
        handler(JSON.parse(batch.payload(index) ?? 'null'), index, id),
      ]);
      this.#byItself(this.report(id, ends));
    };
  }

  /** Every task gives its payload back; payloads and results stay text, so that it costs little. */
  echo(): void {
    this.#onBatch = ({ id, batch }) => {
      const { count } = batch.header;
      const lines = Array.from({ length: count }, (_, index) => encodeSucceeded(batch.payload(index) ?? 'null', 1));
      const ends: RangeEnd[] = [{ from: 0, to: count, outcome: 'succeeded' }];
      const name = { epoch: 1, n: this.#n++, part: 'ok' as const };
      const result = encodeResult({ worker: 'w', attempt: 1, at: 0, ends }, lines);
      this.#byItself(this.zk.create(resultPath(id, resultName(name)), result));
    };
  }

  /** Resolves when `count` batches have been seen. */
  async batches(count: number): Promise<PlayedBatch[]> {
    if (this.seen.length < count) await new Promise<void>((resolve) => this.#arrivals.push({ count, resolve }));
    return this.seen.slice(0, count);
  }

  /** Writes a result of some tasks. Each call is an assignment of its own unless `name` says otherwise. */
  async report(
    batch: string,
    played: readonly [index: number, end: Played][],
    options: { attempt?: number; part?: ResultName['part']; origin?: { epoch: number; n: number } } = {},
  ): Promise<void> {
    const ends = played.map(([index, { outcome }]): RangeEnd => ({ from: index, to: index + 1, outcome }));
    const lines = played.flatMap(([, end]) =>
      end.outcome === 'succeeded'
        ? [encodeSucceeded(JSON.stringify(end.result), 1)]
        : 'error' in end
          ? [encodeFailure(end.error, 1)]
          : [],
    );
    const name = { epoch: 1, n: this.#n++, ...options.origin, part: options.part ?? 0 };
    const header = { worker: 'w1-5twzkr9a1c', attempt: options.attempt ?? 1, at: 0, ends };
    await this.zk.create(resultPath(batch, resultName(name)), encodeResult(header, lines));
  }

  /** Writes the end of tasks that no worker has, as the leader does. */
  async end(batch: string, ends: RangeEnd[], asked: { by?: string; reason?: string } = {}): Promise<void> {
    const header = { worker: 's1', leader: true as const, ...asked, attempt: 0, at: 0, ends };
    await this.zk.create(
      resultPath(batch, resultName({ epoch: 1, n: this.#n++, part: 'end' })),
      encodeResult(header, []),
    );
  }

  /** Creates a batch whose data is unreadable. */
  async createGarbage(id: string): Promise<void> {
    this.#garbage = id;
    await this.zk.create(batchPath(id), 'garbage');
  }

  /** The only report on the batch is unreadable, and its name told the leader that all has succeeded. */
  async finishWithGarbage(id: string): Promise<void> {
    const path = batchPath(id);
    await this.zk.create(resultPath(id, 'e1-1.ok'), 'garbage');
    const { header } = decodeBatch(path, (await this.zk.get(path)).data);
    const finished = { at: 0, succeeded: header.count, failed: 0, cancelled: 0 };
    await this.zk.set(path, encodeBatch({ ...header, finished, kept: [] }, []));
  }

  /** Removes a batch, as retention does. */
  async remove(batch: string): Promise<void> {
    const path = batchPath(batch);
    const results = await this.zk.children(path);
    const paths = [...results.map((name) => `${path}/${name}`), path];
    await this.zk.multi(paths.map((each) => ({ op: 'delete', path: each })));
  }

  /** Leads, as far as commands go; `null`: it does not answer. */
  async lead(answer: (request: CommandRequest, command: CommandRecord) => CommandAnswer | null): Promise<void> {
    await this.zk.create(ROOTS.leader, encodeRecord('leader', { id: 's1', host: 'here', pid: 1, epoch: 1 }), {
      mode: 'ephemeral',
    });
    const act = async (id: string): Promise<void> => {
      const path = commandPath(id);
      // The client may have given up by now, and removed its request.
      const znode = await nullOn(this.zk.get(path), 'NO_NODE');
      if (znode === null) return;
      const command = decodeRecord('command', path, znode.data);
      const { request } = command;
      const given = answer(request, command);
      if (given !== null)
        await nullOn(this.zk.set(path, encodeRecord('command', { request, answer: given })), 'NO_NODE');
    };
    await this.zk.watch(ROOTS.commands, 'recursive', {
      event: ({ type, path }) => {
        const id = type === 'created' ? childOf(ROOTS.commands, path) : null;
        if (id !== null) this.#byItself(act(id));
      },
      reset: () => undefined,
    });
  }

  /** Ends another client's session, as the server does when its time is up. */
  async expire(session: SessionCredentials | undefined): Promise<void> {
    await (await PlainSession.open(this.#address, session)).close();
  }

  /** The test may end, and with it the handle, while this is under way. Every other failure is the test's. */
  #byItself(done: Promise<unknown>): void {
    inBackground(done, (error) => {
      if (!isZooKeeperError(error, 'CLOSED')) this.#failures.push(error);
    });
  }

  async #end(): Promise<void> {
    await this.zk.close();
    if (this.#failures.length > 0) throw new AggregateError(this.#failures, 'the played cluster failed');
  }

  async #read(id: string): Promise<void> {
    if (id === this.#garbage) return;
    const path = batchPath(id);
    const played = { id, batch: decodeBatch(path, (await this.zk.get(path)).data) };
    this.seen.push(played);
    this.#onBatch(played);
    for (const arrival of this.#arrivals.filter(({ count }) => count <= this.seen.length)) arrival.resolve();
  }
}
