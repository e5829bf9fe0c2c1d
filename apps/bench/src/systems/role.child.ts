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

/** What it can be asked, one question at a time. Nothing is measured that nobody asked for: measuring costs as well. */
export interface Answers {
  /** Processor time since it was asked last, in milliseconds. */
  cpu: number;
  /** What is in use after a collection, in bytes. */
  memory: number;
  /** The longest time that the event loop was blocked since it was asked last, in milliseconds; the first answer is 0. */
  block: number;
}

const { role, flags } = childSettings<RoleSettings>();
const delays = monitorEventLoopDelay({ resolution: 5 });
let cpu = process.cpuUsage();

const answers: { [Question in keyof Answers]: () => Answers[Question] } = {
  cpu: () => {
    const { user, system } = process.cpuUsage(cpu);
    cpu = process.cpuUsage();
    return (user + system) / 1_000;
  },
  memory: () => {
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  },
  block: () => {
    const longest = delays.enable() ? 0 : delays.max / 1e6;
    delays.reset();
    return longest;
  },
};

process.on('message', (question: keyof Answers) => process.send?.(answers[question]()));

const options = { version: 'bench', onReady: childReady };
await (role === 'scheduler'
  ? runScheduler(resolveSchedulerConfig({ flags, env: {} }), options)
  : runWorker(resolveWorkerConfig({ flags, env: {} }), options));
process.exit(0);
