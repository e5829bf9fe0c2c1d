import type { RunEnd } from '@drover/protocol';
import type { RunState, StepState } from './model.js';

/** How a step, or an item of one, stands: a byte. Only a retry changes a step that is over. */
export const WAITING = 0;
/** It is to be started with the next turn. */
export const READY = 1;
export const RUNNING = 2;
export const SUCCEEDED = 3;
export const FAILED = 4;
export const CANCELLED = 5;
export const SKIPPED = 6;

export const isOver = (code: number): boolean => code >= SUCCEEDED;

const STEP_STATES: readonly StepState[] = [
  'waiting',
  'waiting',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'skipped',
];
export const stepState = (code: number): StepState => STEP_STATES[code] ?? 'waiting';

/** How a run stands: a byte. Held: nothing says yet that it is to run. Queued: it waits for its turn. */
export const HELD = 0;
export const QUEUED = 1;
export const OPEN = 2;

/** Those of runs that have ended are the codes of steps. */
export const END_CODES: Readonly<Record<RunEnd, number>> = {
  succeeded: SUCCEEDED,
  failed: FAILED,
  cancelled: CANCELLED,
};
const RUN_STATES: readonly RunState[] = ['waiting', 'waiting', 'running', 'succeeded', 'failed', 'cancelled'];
export const runState = (phase: number): RunState => RUN_STATES[phase] ?? 'waiting';
