import { withClient } from '../client.js';
import type { Environment } from '../command.js';
import { startTracing } from '../tracing.js';
import { createColors } from '../terminal/colors.js';
import { NO_PROGRESS, startProgress, type Progress } from '../terminal/progress.js';
import { submitAndWait } from './submit-and-wait.js';
import { submitOnly } from './submit-only.js';
import type { Work } from './work.js';

/** The fewest tasks for which a progress bar is shown. */
const BAR_FROM = 21;

/** `null`: the command does not wait for the tasks. */
export type Wait = null | { timeoutMs: number | null };

/**
 * Submits, and waits for the tasks if asked to. Nothing is kept per task, so that a million tasks need no more memory
 * than ten.
 */
export function submitAll(environment: Environment, work: Work, wait: Wait): Promise<number> {
  return withClient(
    environment,
    async (drover) => {
      await work.limits?.check(drover);
      const progress = progressOf(environment, work, wait === null ? 'Submitted' : 'Done');
      try {
        return await (wait === null
          ? submitOnly(environment, drover, work, progress)
          : submitAndWait(environment, drover, work, { ...wait, progress }));
      } finally {
        progress.stop();
      }
    },
    (config) => startTracing(config, environment),
  );
}

function progressOf({ json, stderr, env }: Environment, work: Work, title: string): Progress {
  if (json || work.total === null || work.total < BAR_FROM) return NO_PROGRESS;
  return startProgress(stderr, { title, total: work.total, colors: createColors(stderr.isTerminal, env) });
}
