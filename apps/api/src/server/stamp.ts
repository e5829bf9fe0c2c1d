import type { ApiContext } from '../api-context.js';

/** Headers that say who answers, who leads, and how old what is shown is. */
export function stampOf({
  schedulerId,
  leader,
  live,
}: Pick<ApiContext, 'schedulerId' | 'leader' | 'live'>): Record<string, string> {
  const now = leader.current;
  const isHeard = now !== null && live.epoch === now.epoch;
  return {
    'drover-answered-by': schedulerId,
    ...(now === null ? {} : { 'drover-leader': now.id, 'drover-epoch': String(now.epoch) }),
    ...(isHeard && live.revision !== null ? { 'drover-revision': live.revision } : {}),
    'drover-age-ms': String(
      Math.round(now?.id === schedulerId && isHeard ? 0 : Math.max(0, Math.min(live.ageMs, 1e9))),
    ),
  };
}
