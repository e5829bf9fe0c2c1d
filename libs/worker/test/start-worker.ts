import { systemRuntime } from '@drover/runtime';
import { silentMetrics, type EventFields, type EventName, type Log, type Metrics } from '@drover/observability';
import { Changes, testZooKeeper, testZooKeeperBehindProxy, type FaultProxy, type Teardown } from '@drover/testing';
import { connectZooKeeper } from '@drover/zookeeper';
import { Worker, type WorkerSettings } from '../src/index.js';
import { FakeLeader } from './fake-leader.js';

/** A log that tests can wait on. */
export class RecordedLog implements Log {
  readonly events: { name: EventName; fields: Record<string, unknown> }[] = [];
  readonly #changes = new Changes();

  event<Name extends EventName>(name: Name, fields: EventFields<Name>): void {
    this.events.push({ name, fields });
    this.#changes.wake();
  }

  with(): Log {
    return this;
  }

  of(name: EventName): Record<string, unknown>[] {
    return this.events.filter((event) => event.name === name).map((event) => event.fields);
  }

  /** The first event of that name, now or later, for which `isIt` holds. */
  async seen(
    name: EventName,
    isIt: (fields: Record<string, unknown>) => boolean = () => true,
  ): Promise<Record<string, unknown>> {
    return this.#changes.until(() => this.of(name).find(isIt));
  }
}

export interface World {
  leader: FakeLeader;
  worker: Worker;
  log: RecordedLog;
  /** The worker's id at the start. */
  id: string;
  connect: string;
}

export function makeWorker(
  connect: string,
  log: Log,
  settings: Partial<WorkerSettings> = {},
  sessionTimeoutMs = 6_000,
  metrics: Metrics = silentMetrics,
): Worker {
  return new Worker({
    factory: connectZooKeeper,
    zookeeper: { connect, sessionTimeoutMs, runtime: systemRuntime },
    runtime: systemRuntime,
    ...{ log, metrics },
    // The end of a test waits for nothing.
    settings: { name: 'w', host: 'h', pid: process.pid, version: '0', stopTimeoutMs: 0, graceMs: 100, ...settings },
  });
}

/** A started worker and a leader that the test plays, on a chroot of their own. */
export async function startWorld(t: Teardown, settings: Partial<WorkerSettings> = {}): Promise<World> {
  const { connect } = await testZooKeeper(t);
  const leader = await FakeLeader.open(t, connect);
  const log = new RecordedLog();
  const worker = makeWorker(connect, log, settings);
  t.teardown(() => worker.stop());
  await worker.start();
  return { leader, worker, log, id: worker.id ?? '', connect };
}

/** The same with the worker behind a proxy, and the leader past it. */
export async function startWorldBehindProxy(
  t: Teardown,
  sessionTimeoutMs: number,
  metrics?: Metrics,
): Promise<World & { proxy: FaultProxy }> {
  const { connect, address, chroot, proxy } = await testZooKeeperBehindProxy(t);
  const leader = await FakeLeader.open(t, address + chroot);
  const log = new RecordedLog();
  const worker = makeWorker(connect, log, {}, sessionTimeoutMs, metrics);
  t.teardown(() => worker.stop());
  await worker.start();
  return { leader, worker, log, id: worker.id ?? '', connect, proxy };
}
