import { silentLog, silentMetrics } from '@drover/observability';
import { systemRuntime } from '@drover/runtime';
import { testProxy, testZooKeeper, Told, type FaultProxy, type Teardown } from '@drover/testing';
import { connectZooKeeper, type ZooKeeper } from '@drover/zookeeper';
import { Election, Session, type Leadership } from '../src/index.js';

export interface Network {
  /** The connect string of an empty chroot. */
  connect: string;
  address: string;
  chroot: string;
  t: Teardown;
}

export async function network(t: Teardown): Promise<Network> {
  return { ...(await testZooKeeper(t)), t };
}

export interface OpenSession {
  session: Session;
  proxy: FaultProxy;
}

/** Long enough that a busy machine, which stalls every process now and then, suspends nobody. */
const CALM_MS = 10_000;
/** Session timeout for tests that wait for the end of a lease. */
export const SHORT_MS = 3_000;

/** A session through a proxy of its own. */
export async function openSession(net: Network, sessionTimeoutMs = CALM_MS): Promise<OpenSession> {
  const { address, chroot, t } = net;
  const proxy = await testProxy(t, address);
  const session = new Session({
    factory: connectZooKeeper,
    zookeeper: { connect: proxy.address + chroot, sessionTimeoutMs, runtime: systemRuntime },
    log: silentLog,
    role: 'a test',
  });
  t.teardown(() => session.close());
  await session.connected();
  return { session, proxy };
}

/** A plain handle in the same tree. */
export async function handle({ connect, t }: Network): Promise<ZooKeeper> {
  const zk = connectZooKeeper({ connect, runtime: systemRuntime, sessionTimeoutMs: CALM_MS });
  t.teardown(() => zk.close());
  await zk.connected();
  return zk;
}

export interface RunningElection extends OpenSession {
  election: Election;
  won: Told<Leadership>;
  lost: Told<string>;
  followed: Told<string>;
}

export async function candidate(net: Network, id: string, sessionTimeoutMs = CALM_MS): Promise<RunningElection> {
  const open = await openSession(net, sessionTimeoutMs);
  const [won, lost, followed] = [new Told<Leadership>(), new Told<string>(), new Told<string>()];
  const election = new Election({
    session: open.session,
    ...{ runtime: systemRuntime, log: silentLog, metrics: silentMetrics },
    candidate: { id, host: 'test', pid: 1 },
    listener: {
      won: (leadership) => won.tell(leadership),
      lost: (_grant, reason) => lost.tell(reason),
      following: (leader) => followed.tell(leader),
    },
    broken: (error) => {
      throw error;
    },
  });
  net.t.teardown(() => election.resign('test over'));
  election.start();
  return { ...open, election, won, lost, followed };
}
