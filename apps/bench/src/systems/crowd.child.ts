import { resolveWorkerConfig } from '@drover/config';
import { runWorker } from '@drover/worker-app';
import { childReady, childSettings } from '../child.js';

/** Many workers in one process, each with a session of its own. */
const { zk, workers } = childSettings<{ zk: string; workers: number }>();
const stop = new AbortController();
process.once('SIGTERM', () => {
  stop.abort('SIGTERM');
});

let ready = 0;
const running = Array.from({ length: workers }, (_, n) => {
  const flags = { zk, name: `crowd-${n}`, concurrency: '8', logLevel: 'error', sessionTimeout: '10s' };
  return runWorker(resolveWorkerConfig({ flags, env: {} }), {
    version: 'bench',
    signal: stop.signal,
    onReady: () => {
      if (++ready === workers) childReady();
    },
  });
});
await Promise.all(running);
process.exit(0);
