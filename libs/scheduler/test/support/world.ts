import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { batchIds } from '@drover/core';
import { ensureLayout } from '@drover/coordination';
import { silentLog, silentMetrics, type EventName, type Log } from '@drover/observability';
import { DEFAULT_PLANNER_SETTINGS, type PlannerSettings } from '@drover/planner';
import { batchPath, decodeRecord, type CommandAnswer, type CommandRecord, type CommandRequest } from '@drover/protocol';
import { systemRuntime } from '@drover/runtime';
import { LeastLoadedStrategy } from '@drover/strategies';
import {
  Changes,
  PlainSession,
  testProxy,
  testZooKeeper,
  type FaultProxy,
  type Teardown,
  type TestZooKeeper,
} from '@drover/testing';
import { connectZooKeeper, type ZooKeeper } from '@drover/zookeeper';
import { Scheduler, type SchedulerOptions } from '../../src/index.js';
import { eventProblems, type LoggedEvent } from './check-events.js';
import { FakeWorker, type FakeWorkerOptions } from './fake-worker.js';
import { Submitter } from './submitter.js';

export type { LoggedEvent } from './check-events.js';

export interface RunningScheduler {
  scheduler: Scheduler;
  events: LoggedEvent[];
  /** The network of this scheduler alone. */
  proxy: FaultProxy;
}

/** Long enough that a busy machine, which stalls every process now and then, suspends nobody. */
const CALM_MS = 10_000;
/** Session timeout of a scheduler whose session ends by itself. */
export const SHORT_MS = 2_000;

/** A znode tree of its own, with schedulers, workers and a submitter made of the raw client and the codecs. */
export class World {
  readonly zk: ZooKeeper;
  readonly submitter: Submitter;
  readonly #t: Teardown;
  readonly #address: string;
  readonly #chroot: string;
  readonly #changes = new Changes();
  /** Faults of events whose fields are wrong. */
  readonly #problems: string[] = [];
  #asked = 0;

  private constructor(t: Teardown, zk: ZooKeeper, address: string, chroot: string) {
    this.#t = t;
    this.zk = zk;
    this.#address = address;
    this.#chroot = chroot;
    this.submitter = new Submitter(zk, batchIds(systemRuntime.now, systemRuntime.random));
  }

  /** `zookeeper`: default one that all tests share. */
  static async create(t: Teardown, zookeeper?: TestZooKeeper): Promise<World> {
    const { connect, address, chroot } = zookeeper ?? (await testZooKeeper(t));
    const options = { connect, runtime: systemRuntime, sessionTimeoutMs: CALM_MS };
    const zk = connectZooKeeper(options);
    t.teardown(() => zk.close());
    await zk.connected();
    await ensureLayout({ zk, factory: connectZooKeeper, options });
    const world = new World(t, zk, address, chroot);
    const { wake } = world.#changes;
    await zk.watch('/', 'recursive', { event: wake, reset: wake });
    return world;
  }

  get connect(): string {
    return this.#address + this.#chroot;
  }

  /** Resolves with the first answer that is not null, asking again whenever anything in the tree or a log changes. */
  until<T>(ask: () => T | null | Promise<T | null>): Promise<T> {
    return this.#changes.until(ask);
  }

  async scheduler(
    id: string,
    planner: Partial<PlannerSettings> = {},
    sessionTimeoutMs = CALM_MS,
    intake: SchedulerOptions['intake'] = { maxTasks: 1_000_000, maxBytes: 1_000_000_000 },
    more: Partial<SchedulerOptions> = {},
  ): Promise<RunningScheduler> {
    const proxy = await testProxy(this.#t, this.#address);
    const events: LoggedEvent[] = [];
    const log: Log = {
      ...silentLog,
      event: (name, fields) => {
        events.push({ name, fields });
        this.#problems.push(...eventProblems({ name, fields }));
        this.#changes.wake();
      },
    };
    const scheduler = new Scheduler({
      ...{ id, host: 'test', pid: 1, version: '0', log, metrics: silentMetrics, runtime: systemRuntime },
      factory: connectZooKeeper,
      zookeeper: { connect: proxy.address + this.#chroot, sessionTimeoutMs },
      strategy: () => new LeastLoadedStrategy(),
      planner: { ...DEFAULT_PLANNER_SETTINGS, ...planner },
      intake,
      ...more,
    });
    this.#t.teardown(async () => {
      await scheduler.stop();
      if (this.#problems.length > 0) throw new Error(`events of ${id}: ${this.#problems.join('; ')}`);
    });
    await scheduler.start();
    return { scheduler, events, proxy };
  }

  /** Asks the leader as a client would, and removes the request. */
  async ask(
    request: CommandRequest,
    asked: { by?: string; reason?: string; again?: true } = {},
  ): Promise<CommandAnswer> {
    const path = `/commands/c${this.#asked++}`;
    await this.zk.create(path, JSON.stringify({ v: 1, request, ...asked }), { mode: 'ephemeral' });
    const answer = await this.until(async () => {
      const { data } = await this.zk.get(path);
      // Cheap, however long it is: the tree changes often.
      return data.includes('"answer":') ? answerIn(path, data) : null;
    });
    await this.zk.delete(path);
    return answer;
  }

  /** Cuts the connection, as if the process had died: ZooKeeper ends the session. */
  async kill({ proxy }: RunningScheduler): Promise<void> {
    const session = proxy.sessions.at(-1);
    if (session === undefined) throw new Error('it has no session');
    await proxy.refuse();
    await PlainSession.end(this.#address, session);
  }

  /** A scheduler in a process of its own. */
  process(id: string): { process: ChildProcess; events: LoggedEvent[] } {
    const script = fileURLToPath(new URL('scheduler-process.js', import.meta.url));
    const child = fork(script, [id, this.connect, String(SHORT_MS)]);
    this.#t.teardown(() => void child.kill('SIGKILL'));
    const events: LoggedEvent[] = [];
    child.on('message', (event) => {
      events.push(event as LoggedEvent);
      this.#changes.wake();
    });
    return { process: child, events };
  }

  async worker(name: string, options: Partial<FakeWorkerOptions> = {}): Promise<FakeWorker> {
    const worker = await FakeWorker.start(this.connect, { name, capacity: 4, hold: false, ...options });
    this.#t.teardown(() => worker.stop());
    return worker;
  }

  /** Resolves with the epoch and the id of the leader, once there is one that `accept` accepts. */
  leader(
    accept: (leader: { id: string; epoch: number }) => boolean = () => true,
  ): Promise<{ id: string; epoch: number }> {
    return this.until(async () => {
      const leader = await this.json<{ id: string; epoch: number }>('/leader');
      return leader !== null && accept(leader) ? leader : null;
    });
  }

  pathOf(batch: string): string {
    return batchPath(batch);
  }

  /** `null`: there is no such znode. */
  async json<T>(path: string): Promise<T | null> {
    if ((await this.zk.exists(path)) === null) return null;
    return JSON.parse((await this.zk.get(path)).data.toString()) as T;
  }
}

/** Whether such an event was logged. */
export function logged(
  { events }: { events: LoggedEvent[] },
  name: EventName,
  fields: Record<string, unknown> = {},
): boolean {
  return events.some(
    (event) => event.name === name && Object.entries(fields).every(([key, value]) => event.fields[key] === value),
  );
}

/**
 * Reads the answer to a request as a client does; a request that this program does not know is read without its checks.
 */
function answerIn(path: string, data: Uint8Array): CommandAnswer | null {
  const { answer = null } = JSON.parse(Buffer.from(data).toString()) as Partial<CommandRecord>;
  try {
    return decodeRecord('command', path, data).answer ?? null;
  } catch {
    return answer;
  }
}
