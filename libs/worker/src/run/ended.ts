import type { AttemptOutcome } from '@drover/core';
import { encodeFailure, encodeSucceeded } from '@drover/protocol';
import { boundedDelay } from '../execution/failure.js';
import type { CallEnd } from '../execution/executor.js';
import type { StepOutcome } from '../steps/step-call.js';

/** How one task of an assignment ended. `line`: what the result says of it, where its outcome has something to say. */
export interface Ended extends AttemptOutcome {
  line: string | null;
  /** The end of its log, where that is to be stored: a list of texts in JSON. */
  log?: string;
  /** JSON that it leaves for the next attempt. Only beside an error. */
  checkpoint?: string;
  /** Only of `later`: limits, or keys of them, of which nothing is to start meanwhile. */
  holds?: readonly string[];
  /** Of a step: how it ended, beside its result. */
  step?: StepOutcome;
}

function succeeded({ result, step }: Extract<CallEnd, { outcome: 'succeeded' }>, ms: number): Ended {
  const ended: Ended = { outcome: 'succeeded', line: encodeSucceeded(result, ms) };
  return step === undefined ? ended : { ...ended, step };
}

/** The record of the end of a call that took `ms`. */
export function toEnded(end: CallEnd, ms: number): Ended {
  switch (end.outcome) {
    case 'succeeded':
      return succeeded(end, ms);
    case 'failed':
    case 'rejected': {
      const { outcome, error } = end;
      const retryAfterMs = boundedDelay(end.retryAfterMs);
      return { outcome, line: encodeFailure(error, ms), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
    }
    case 'later':
      return {
        outcome: 'later',
        line: encodeFailure(end.error, ms),
        retryAfterMs: boundedDelay(end.retryAfterMs) ?? 0,
      };
    case 'lost':
    case 'returned':
      return { outcome: end.outcome, line: null };
  }
}
