import { resolveSchedulerConfig, resolveWorkerConfig } from '@drover/config';
import { connect, type Drover } from '@drover/client';
import { silentLog, type Log } from '@drover/observability';
import { runScheduler } from '@drover/scheduler-app';
import { testZooKeeper, type Teardown } from '@drover/testing';
import { runWorker } from '@drover/worker-app';
import { fileURLToPath } from 'node:url';

const HANDLERS = fileURLToPath(new URL('./some.handlers.js', import.meta.url));
/** Of the threads of the API: the processes themselves have no log here. */
const QUIET = { logLevel: 'silent', sessionTimeout: '10s' };

/** A scheduler with its API, workers, and a client, on the ZooKeeper of the tests, in this process. */
export interface Cluster {
  /** The address of the API, `http://127.0.0.1:PORT`; the pages are at `/ui/`. */
  url: string;
  connect: string;
  drover: Drover;
  startWorker: (name: string, flags?: Readonly<Record<string, unknown>>) => Promise<Running>;
  startScheduler: (id: string, flags?: Readonly<Record<string, unknown>>) => Promise<Running & { url: string }>;
}
export interface Running {
  stop: () => Promise<void>;
}

/** `flags` are those of `drover scheduler`. Everything ends with the test. */
export async function startCluster(t: Teardown, flags: Readonly<Record<string, unknown>> = {}): Promise<Cluster> {
  const zk = await testZooKeeper(t);
  const drover = await connect(zk.connect);
  t.teardown(() => drover.close());
  const startScheduler = async (id: string, more: Readonly<Record<string, unknown>> = {}) => {
    const given = { zk: zk.connect, id, ...QUIET, apiListen: '127.0.0.1:0', ...more };
    const config = resolveSchedulerConfig({ flags: given, env: {} });
    const { log, url } = untilListening();
    const running = await untilReady(t, (ready) => runScheduler(config, { version: '0.0.0-test', log, ...ready }));
    return { ...running, url: await url };
  };
  const startWorker = (name: string, more: Readonly<Record<string, unknown>> = {}): Promise<Running> => {
    const given = { zk: zk.connect, name, handlers: HANDLERS, ...QUIET, concurrency: '4', ...more };
    const config = resolveWorkerConfig({ flags: given, env: {} });
    return untilReady(t, (ready) => runWorker(config, { version: '0.0.0-test', log: silentLog, ...ready }));
  };
  const { url } = await startScheduler('s1', flags);
  return { url, connect: zk.connect, drover, startWorker, startScheduler };
}

/** A log that hears where the API listens. */
function untilListening(): { log: Log; url: Promise<string> } {
  let heard: (url: string) => void = () => undefined;
  const url = new Promise<string>((resolve) => (heard = resolve));
  const event: Log['event'] = (name, fields) => {
    if ((name as string) === 'api.listening') heard((fields as unknown as { url: string }).url);
  };
  const log: Log = { event, with: () => log };
  return { log, url };
}

async function untilReady(
  t: Teardown,
  start: (ready: { signal: AbortSignal; onReady: () => void }) => Promise<void>,
): Promise<Running> {
  const stopping = new AbortController();
  let ended = Promise.resolve();
  await new Promise<void>((resolve, reject) => {
    ended = start({ signal: stopping.signal, onReady: () => resolve() });
    ended.catch(reject);
  });
  const stop = (): Promise<void> => {
    stopping.abort();
    return ended;
  };
  t.teardown(stop);
  return { stop };
}
