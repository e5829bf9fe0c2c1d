import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { resolveSchedulerConfig, resolveWorkerConfig } from '@drover/config';
import { inBackground, uncaught } from '@drover/runtime';
import { runScheduler } from '@drover/scheduler-app';
import { runWorker } from '@drover/worker-app';
import { childReady, childSettings } from '../child.js';

/** A scheduler or a worker as users run it, in a process that can be asked for measurements of itself. */
export interface RoleSettings {
  role: 'scheduler' | 'worker';
  flags: Record<string, unknown>;
}

/** The questions, one at a time. Since measuring costs time, a value is measured only when it is asked for. */
export interface Answers {
  /** Processor time since it was asked last, in milliseconds. */
  cpu: number;
  /** How long the thread that leads, or works, has been busy since it was asked last, in milliseconds. */
  active: number;
  /** The memory in use, in bytes, after collections until several in a row have freed nothing more. */
  memory: number;
  /**
   * The longest time that the event loop was blocked since it was asked last, in milliseconds; the first answer is 0.
   */
  block: number;
}

const { role, flags } = childSettings<RoleSettings>();
const delays = monitorEventLoopDelay({ resolution: 5 });
let cpu = process.cpuUsage();
let loop = performance.eventLoopUtilization();

/** Collections in a row that must free nothing more: objects that wait for a callback are freed by a later one. */
const COLLECTIONS = 4;
/** A collection that frees less than a thousandth counts as one that frees nothing. */
const STILL = 0.999;

const answers: { [Question in keyof Answers]: () => Answers[Question] | Promise<Answers[Question]> } = {
  cpu: () => {
    const { user, system } = process.cpuUsage(cpu);
    cpu = process.cpuUsage();
    return (user + system) / 1_000;
  },
  active: () => {
    const now = performance.eventLoopUtilization();
    const { active } = performance.eventLoopUtilization(now, loop);
    loop = now;
    return active;
  },
  memory: async () => {
    if (globalThis.gc === undefined) throw new Error('memory is measured with --expose-gc');
    let least = Infinity;
    for (let same = 0; same < COLLECTIONS; same++) {
      globalThis.gc();
      await turn();
      const { heapUsed, external } = process.memoryUsage();
      const used = heapUsed + external;
      if (used < least * STILL) same = 0;
      least = Math.min(least, used);
    }
    return least;
  },
  block: () => {
    const longest = delays.enable() ? 0 : delays.max / 1e6;
    delays.reset();
    return longest;
  },
};

const answer = async (question: keyof Answers): Promise<void> => void process.send?.(await answers[question]());
process.on('message', (question: keyof Answers) => inBackground(answer(question), uncaught));

const options = { version: 'bench', onReady: childReady };
await (role === 'scheduler'
  ? runScheduler(resolveSchedulerConfig({ flags, env: {} }), options)
  : runWorker(resolveWorkerConfig({ flags, env: {} }), options));
process.exit(0);
