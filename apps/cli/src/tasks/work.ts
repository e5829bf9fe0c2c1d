import type { SubmitOptions, TaskInput } from '@drover/client';
import type { NamedLimits } from './check-limits.js';
import { counted, formatCount, formatElapsed } from '../views/format.js';

/** The tasks that `drover submit` has to submit. */
export interface Work {
  tasks: Iterable<TaskInput> | AsyncIterable<TaskInput>;
  /** `null`: not known yet. */
  total: number | null;
  /** `--from`: a list of tasks, even where it holds one. */
  isList: boolean;
  defaults: SubmitOptions;
  /** As the tasks name them, where that is known before any is submitted. */
  limits?: NamedLimits;
}

/** `2,000 tasks submitted in 0.4 s (5,000/s)`. Pure. */
export function summary(done: string, count: number, elapsedMs: number): string {
  const rate = Math.round(count / Math.max(elapsedMs / 1_000, 0.001));
  return `${counted(count, 'task')} ${done} in ${formatElapsed(elapsedMs)} (${formatCount(rate)}/s)`;
}
