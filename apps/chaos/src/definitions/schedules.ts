import type { ScheduleInput } from '@drover/client';
import type { WorkPayload, WorkType } from '../tasks/kinds.js';

/** One schedule of a run. */
export interface RunSchedule {
  name: string;
  everyMs: number;
  overlap: NonNullable<ScheduleInput['overlap']>;
  catchUp: 'latest' | 'all';
  type: WorkType;
  payload: WorkPayload;
  pauseAfterFailures?: number;
}

/** Fires that wait for each other take longer than a second, but those that are all kept catch up again. */
const lasts = (ms: number) =>
  ({ everyMs: 1_000, type: 'slow', payload: { task: '', ms, failures: 0 } }) satisfies Partial<RunSchedule>;

/** Every policy; under both of catching up where that makes a difference. */
export const SCHEDULES: readonly RunSchedule[] = [
  { name: 'allow-all', overlap: 'allow', catchUp: 'all', ...lasts(1_500) },
  { name: 'allow-latest', overlap: 'allow', catchUp: 'latest', ...lasts(0) },
  { name: 'skip', overlap: 'skip', catchUp: 'latest', ...lasts(1_500) },
  { name: 'skip-all', overlap: 'skip', catchUp: 'all', ...lasts(300) },
  { name: 'buffer-one', overlap: 'buffer-one', catchUp: 'all', ...lasts(1_500) },
  { name: 'buffer-latest', overlap: 'buffer-latest', catchUp: 'latest', ...lasts(1_500) },
  { name: 'buffer-all', overlap: 'buffer-all', catchUp: 'all', ...lasts(400) },
  { name: 'cancel-other', overlap: 'cancel-other', catchUp: 'latest', ...lasts(1_500) },
  { name: 'terminate-other', overlap: 'terminate-other', catchUp: 'latest', ...lasts(1_500) },
];
