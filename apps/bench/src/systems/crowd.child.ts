import { setMaxListeners } from 'node:events';
import { resolveWorkerConfig } from '@drover/config';
import { runWorker } from '@drover/worker-app';
import { childReady, childSettings } from '../child.js';

/** Many workers in one process, each with a session of its own. */
export interface CrowdSettings {
  /** How they reach ZooKeeper. */
  flags: Record<string, unknown>;
  workers: number;
  /** The number of the first; their names follow. */
  from: number;
}

const { flags, workers, from } = childSettings<CrowdSettings>();
const stop = new AbortController();
// Each worker listens to it for as long as it runs: so many listeners are no leak.
setMaxListeners(workers, stop.signal);
process.once('SIGTERM', () => {
  stop.abort('SIGTERM');
});

let ready = 0;
const running = Array.from({ length: workers }, (_, n) => {
  const own = { name: `crowd-${from + n}`, concurrency: '8', logLevel: 'error', sessionTimeout: '10s' };
  return runWorker(resolveWorkerConfig({ flags: { ...flags, ...own }, env: {} }), {
    version: 'bench',
    signal: stop.signal,
    onReady: () => {
      if (++ready === workers) childReady();
    },
  });
});
await Promise.all(running);
process.exit(0);
