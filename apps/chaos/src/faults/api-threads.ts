import type { Fault, Member, System } from '../system.js';
import { faultOf } from './fault-of.js';
import { candidates, pick } from './pick.js';

/** A thread that is not back by then does not come back: the checker says so. On a busy machine it takes long to load. */
export const BACK_WITHIN_MS = 120_000;
export const API_KILLS = ['kill-api-leader', 'kill-api-follower'] as const;

/**
 * The thread of the API dies inside a scheduler: it exits, throws, or has no memory left, by turns (`viewers/end-api-thread.ts`).
 * The scheduler itself must not notice, and start another one.
 */
export const apiKills: readonly Fault[] = (['leader', 'follower'] as const).map((whom) => {
  const name = `kill-api-${whom}`;
  const fault = faultOf(name, async (system, random) => {
    const serving = candidates(system, whom).filter(({ apiListens }) => apiListens);
    const member = pick(serving, random);
    return member === undefined ? undefined : killOf(name, member, system);
  });
  return { ...fault, ofViewers: true };
});

function killOf(name: string, member: Member, system: System) {
  return {
    target: member.name,
    what: 'its API thread dies',
    lastsMs: 0,
    told: { workers: [] },
    take: () => system.take(name, [member]),
    strike: async () => {
      if (member.pid !== undefined) process.kill(member.pid, 'SIGUSR2');
      await within(BACK_WITHIN_MS, member.untilApi(false));
      return () => within(BACK_WITHIN_MS, member.untilApi(true));
    },
  };
}

async function within(ms: number, done: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([done, new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))]);
  clearTimeout(timer);
}
