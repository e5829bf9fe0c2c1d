import { PlainSession } from '@drover/testing';
import type { Fault, System } from '../system.js';
import { NotNowError } from './fault-of.js';
import { onMember } from './on-member.js';
import type { Whom } from './pick.js';
import { sessionPassword } from './session-password.js';

const WHOM = ['leader', 'follower', 'worker', 'client'] as const satisfies readonly Whom[];

/**
 * The session of a living process is closed by somebody else who attached to it: to ZooKeeper that is an orderly end.
 */
export const sessionFaults: readonly Fault[] = WHOM.map((whom) =>
  onMember({
    name: `close-session-${whom}`,
    whom,
    what: 'its session is closed from outside, with its id and password',
    lastsMs: () => 0,
    async strike(member, system) {
      if (member.sessionId === undefined) throw new NotNowError(`${member.name} has no session yet`);
      // It is logged as 64 bits without a sign.
      await closeSession(system, BigInt.asIntN(64, BigInt(member.sessionId)));
    },
    heal: () => Promise.resolve(),
  }),
);

/** Closes the session at the first server that does it. */
async function closeSession({ topology }: System, sessionId: bigint): Promise<void> {
  const session = { sessionId, password: sessionPassword(sessionId), timeoutMs: 10_000 };
  for (const server of topology.servers) {
    if ((await server.state()) === undefined) continue;
    if (await PlainSession.tryToEnd(server.address, session)) return;
  }
  throw new NotNowError(`no server closed session 0x${sessionId.toString(16)}`);
}
