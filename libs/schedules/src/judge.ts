import type { FireStarts } from '@drover/protocol';
import { withMore, withReason, type ScheduleState } from './schedule.js';

/** A fire of which what it started has ended. */
export interface Ended {
  readonly n: number;
  readonly outcome: 'succeeded' | 'failed' | 'cancelled' | 'gone';
  readonly starts: FireStarts;
  /** The id of what the fire started. */
  readonly task: string;
  /** When, if it ended before this term and that is known. Milliseconds since 1970. */
  readonly at?: number;
}

/**
 * The state with the end of a fire counted: a failed one is one more in a row, a success ends the row, a cancelled one is
 * neither. `pauseAfter` in a row pause the schedule. Fires are judged in the order of their numbers, each once.
 */
export function judged(
  state: ScheduleState,
  { n, outcome, starts, task }: Ended,
  pauseAfter: number | undefined,
  now: number,
): ScheduleState {
  if (n <= state.judged) return state;
  const after = { ...state, judged: n };
  if (outcome === 'succeeded') return { ...after, streak: 0 };
  if (outcome !== 'failed') return after;
  const streak = state.streak + 1;
  const failed = withReason(
    { ...after, streak, failed: state.failed + 1 },
    'failed',
    `${WORDS[starts]} ${task} failed`,
  );
  if (pauseAfter === undefined || streak < pauseAfter || failed.more?.paused !== undefined) return failed;
  const reason = `${streak} fires in a row failed, the last one was ${WORDS[starts]} ${task}`;
  return withMore({ ...failed, next: null, due: null }, { paused: { reason, at: now } });
}

const WORDS: Readonly<Record<FireStarts, string>> = { task: 'task', flow: 'run', broadcast: 'broadcast' };
