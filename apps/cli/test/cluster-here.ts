import { resolveSchedulerConfig, resolveWorkerConfig } from '@drover/config';
import { silentLog } from '@drover/observability';
import { runScheduler } from '@drover/scheduler-app';
import { testZooKeeper, type Teardown } from '@drover/testing';
import { runWorker } from '@drover/worker-app';
import { documents, type Ended } from './drover.js';
import { runHere } from './run-here.js';

export interface ClusterSize {
  /** Their names are s1, s2, ... Default: 1. */
  schedulers?: number;
  /** Their names are w1, w2, ... Default: 1. */
  workers?: number;
  /** Path of the workers' module. */
  handlers?: string;
  /** An API at each scheduler, at a free port. */
  api?: boolean;
}

export interface Cluster {
  zk: string;
  /** A command of `drover` on it, in the process of the test. */
  run: (command: readonly string[], input?: string) => Promise<Ended>;
  /** The same without input. */
  here: (...command: string[]) => Promise<Ended>;
}

type Start = (ready: { version: string; signal: AbortSignal; onReady: () => void }) => Promise<void>;

/**
 * Schedulers and workers on the ZooKeeper of the tests, all in the process of the test and until its end: much cheaper than
 * `devCluster`, for tests of what commands say. Resolves when somebody leads and all workers are known.
 */
export async function clusterHere(t: Teardown, size: ClusterSize = {}): Promise<Cluster> {
  const { schedulers = 1, workers = 1, handlers, api = false } = size;
  const { connect: zk } = await testZooKeeper(t);
  const common = { zk, logLevel: 'silent' };
  const apiListen = api ? '127.0.0.1:0' : 'off';
  const starts = [
    ...names('s', schedulers).map((id): Start => {
      const config = resolveSchedulerConfig({ flags: { ...common, id, apiListen }, env: {} });
      return (ready) => runScheduler(config, { ...ready, log: silentLog });
    }),
    ...names('w', workers).map((name): Start => {
      const flags = { ...common, name, concurrency: '8', ...(handlers === undefined ? {} : { handlers }) };
      const config = resolveWorkerConfig({ flags, env: {} });
      return (ready) => runWorker(config, { ...ready, log: silentLog });
    }),
  ];
  await Promise.all(starts.map((start) => untilReady(t, start)));
  const run = (command: readonly string[], input?: string): Promise<Ended> =>
    runHere(command, { DROVER_ZK: zk }, input);
  const here = (...command: string[]): Promise<Ended> => run(command);
  while (!isComplete((await here('status', '--json')).stdout, workers));
  return { zk, run, here };
}

const names = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, n) => `${prefix}${n + 1}`);

function isComplete(stdout: string, workers: number): boolean {
  const [status] = documents(stdout) as { leader: unknown; workers: unknown[] }[];
  return status !== undefined && status.leader !== null && status.workers.length === workers;
}

/** It is stopped at the end of the test: workers before schedulers, since teardowns run in reverse order. */
async function untilReady(t: Teardown, start: Start): Promise<void> {
  const stopping = new AbortController();
  let ended = Promise.resolve();
  const ready = new Promise<void>((resolve, reject) => {
    ended = start({ version: '0.0.0-test', signal: stopping.signal, onReady: resolve });
    ended.catch(reject);
  });
  t.teardown(() => {
    stopping.abort();
    return ended;
  });
  await ready;
}
