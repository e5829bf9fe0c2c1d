import type { FireWait } from '@drover/protocol';
import type { Fire } from './fires.js';
import { SCHEDULE_LIMITS, type Overlap } from './policies.js';

/** The decision on a fire that is due, in view of the earlier ones. */
export type Verdict = { kind: 'start' } | { kind: 'wait'; wait: FireWait } | { kind: 'skip'; reason: string };

/** `unfinished`: the earlier fires of the schedule that have not ended. */
export function overlapOf(policy: Overlap, unfinished: readonly Pick<Fire, 'released' | 'superseded'>[]): Verdict {
  const before = unfinished.filter(({ superseded }) => !superseded);
  if (before.length === 0 || policy === 'allow') return { kind: 'start' };
  const waiting = before.filter(({ released }) => !released).length;
  switch (policy) {
    case 'skip':
      return { kind: 'skip', reason: 'an earlier fire had not ended' };
    case 'buffer-one':
      return waiting === 0 ? { kind: 'wait', wait: 'one' } : { kind: 'skip', reason: 'another fire was waiting' };
    case 'buffer-latest':
      return { kind: 'wait', wait: 'latest' };
    case 'buffer-all':
      if (waiting < SCHEDULE_LIMITS.waiting) return { kind: 'wait', wait: 'all' };
      return { kind: 'skip', reason: `buffer full: ${SCHEDULE_LIMITS.waiting} fires were waiting` };
    case 'cancel-other':
      return { kind: 'wait', wait: 'cancel' };
    case 'terminate-other':
      return { kind: 'wait', wait: 'terminate' };
  }
}
