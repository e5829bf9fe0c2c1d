import { monitorEventLoopDelay } from 'node:perf_hooks';
import { resolveSchedulerConfig, resolveWorkerConfig } from '@drover/config';
import { runScheduler } from '@drover/scheduler-app';
import { runWorker } from '@drover/worker-app';
import { childReady, childSettings } from '../child.js';

/** A scheduler or a worker as users run it, in a process that can be asked what it costs. */
export interface RoleSettings {
  role: 'scheduler' | 'worker';
  flags: Record<string, unknown>;
}

/** What the process has used since it was asked last. Memory is what it has now, after a collection where it can. */
export interface Usage {
  cpuMs: number;
  heapBytes: number;
  externalBytes: number;
  rssBytes: number;
  longestBlockMs: number;
}

const { role, flags } = childSettings<RoleSettings>();
const delays = monitorEventLoopDelay({ resolution: 5 });
delays.enable();
let cpu = process.cpuUsage();

process.on('message', () => {
  globalThis.gc?.();
  const used = process.cpuUsage(cpu);
  cpu = process.cpuUsage();
  const { heapUsed, external, rss } = process.memoryUsage();
  const usage: Usage = {
    cpuMs: (used.user + used.system) / 1_000,
    heapBytes: heapUsed,
    externalBytes: external,
    rssBytes: rss,
    longestBlockMs: delays.max / 1e6,
  };
  delays.reset();
  process.send?.(usage);
});

const options = { version: 'bench', onReady: childReady };
await (role === 'scheduler'
  ? runScheduler(resolveSchedulerConfig({ flags, env: {} }), options)
  : runWorker(resolveWorkerConfig({ flags, env: {} }), options));
process.exit(0);
