import type { AttemptOutcome } from '@drover/core';
import { encodeFailure, encodeSucceeded } from '@drover/protocol';
import { boundedDelay } from '../execution/failure.js';
import type { CallEnd } from '../execution/executor.js';

/** How one task of an assignment ended. `line`: what the result says of it, where its outcome has something to say. */
export interface Ended extends AttemptOutcome {
  line: string | null;
  /** The end of its log, where that is to be stored: a list of texts in JSON. */
  log?: string;
  /** Only of `later`: limits, or keys of them, of which nothing is to start meanwhile. */
  holds?: readonly string[];
}

/** The record of the end of a call that took `ms`. */
export function toEnded(end: CallEnd, ms: number): Ended {
  switch (end.outcome) {
    case 'succeeded':
      return { outcome: 'succeeded', line: encodeSucceeded(end.result, ms) };
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
