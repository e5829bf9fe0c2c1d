import type { Fault, Member, Need, System, Timings, Told } from '../system.js';
import { faultOf } from './fault-of.js';
import { candidates, pick, type Whom } from './pick.js';

export interface MemberFault {
  readonly name: string;
  readonly whom: Whom;
  readonly needs?: Need;
  readonly what: string;
  readonly lastsMs?: (timings: Timings) => number;
  /** The word of the history for this fault when it hits the leader. */
  readonly leader?: Told['leader'];
  /** False: a worker must not lose its session by this fault. Default true. */
  readonly endsSession?: boolean;
  readonly strike: (member: Member, system: System, random: () => number) => Promise<void>;
  readonly heal: (member: Member) => Promise<void>;
}

/** A fault that befalls one member, chosen by chance. */
export function onMember(fault: MemberFault): Fault {
  const { name, what, lastsMs } = fault;
  return faultOf(
    name,
    async (system, random) => {
      const member = pick(candidates(system, fault.whom), random);
      if (member === undefined) return undefined;
      return {
        target: member.name,
        what,
        lastsMs: lastsMs?.(system.timings),
        told: toldOf(fault, member, system),
        take: () => system.take(name, [member]),
        strike: async () => {
          await fault.strike(member, system, random);
          return () => fault.heal(member);
        },
      };
    },
    fault.needs,
  );
}

function toldOf({ leader, endsSession = true }: MemberFault, member: Member, system: System): Partial<Told> {
  return {
    workers: member.role === 'worker' && endsSession ? [member.name] : [],
    ...(leader !== undefined && member === system.leader() ? { leader } : {}),
  };
}
