import type { Fault } from '../system.js';
import { onMember } from './on-member.js';
import type { Whom } from './pick.js';

const WHOM = ['leader', 'follower', 'worker', 'client'] as const satisfies readonly Whom[];

/** SIGKILL; healed: it is started again. */
export const kills: readonly Fault[] = WHOM.map((whom) =>
  onMember({
    name: `kill-${whom}`,
    whom,
    what: 'SIGKILL',
    leader: 'killed',
    strike: (member) => member.stop('SIGKILL'),
    heal: (member) => member.start(),
  }),
);

/** SIGSTOP for so long that the session is gone when it wakes up, and it does not know. */
export const pauses: readonly Fault[] = WHOM.map((whom) =>
  onMember({
    name: `pause-${whom}`,
    whom,
    what: 'SIGSTOP past the session timeout',
    lastsMs: ({ sessionTimeoutMs, tickMs }) => 1.5 * sessionTimeoutMs + 2 * tickMs,
    strike: (member) => member.stop('SIGSTOP'),
    heal: (member) => member.stop('SIGCONT'),
  }),
);
