import type { Member, Role, System } from '../system.js';

/** One of them by chance; `undefined`: there is none. */
export function pick<T>(from: readonly T[], random: () => number): T | undefined {
  return from[Math.floor(random() * from.length)];
}

/** The members that a fault may hit. */
export type Whom = 'leader' | 'follower' | 'worker' | 'client' | 'any';

/** Members of that kind that run and that no other fault has reserved. */
export function candidates(system: System, whom: Whom): Member[] {
  const leader = system.leader();
  const isMeant = (member: Member): boolean => {
    // Viewers have no session that could be lost.
    if (whom === 'any') return member.role !== 'viewers';
    if (whom === 'leader') return member === leader;
    // While there is no leader, no scheduler counts as a follower.
    if (whom === 'follower') return member.role === 'scheduler' && leader !== undefined && member !== leader;
    return member.role === whom;
  };
  return free(system).filter(isMeant);
}

export function ofRole(system: System, role: Role): Member[] {
  return free(system).filter((member) => member.role === role);
}

function free(system: System): Member[] {
  return system.members.filter((member) => member.pid !== undefined && member.heldBy === undefined);
}
