import { NOBODY, type Caller } from '../access/caller.js';
import type { ApiContext } from '../api-context.js';

/** Headers that say who answers, who leads, and how old what is shown is. */
export function stampOf(
  { schedulerId, leader, live }: Pick<ApiContext, 'schedulerId' | 'leader' | 'live'>,
  caller: Caller = NOBODY,
): Record<string, string> {
  const revision = live.revisionFor(caller);
  const now = leader.current;
  const isHeard = now !== null && live.epoch === now.epoch;
  return {
    'drover-answered-by': schedulerId,
    ...(now === null ? {} : { 'drover-leader': now.id, 'drover-epoch': String(now.epoch) }),
    ...(isHeard && revision !== null ? { 'drover-revision': revision } : {}),
    'drover-age-ms': String(
      Math.round(now?.id === schedulerId && isHeard ? 0 : Math.max(0, Math.min(live.ageMs, 1e9))),
    ),
  };
}
