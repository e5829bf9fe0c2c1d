import type { Fault, Member, Role, System } from '../system.js';
import { faultOf } from './fault-of.js';
import { ofRole } from './pick.js';

/** Every scheduler or every worker is stopped in order (SIGTERM) and started again, one after the other. */
function deploy(role: Role): Fault {
  const name = `deploy-${role}s`;
  return faultOf(name, async (system) => {
    const members = ofRole(system, role);
    if (members.length === 0) return undefined;
    return {
      target: members.map((member) => member.name).join(', '),
      what: 'SIGTERM and start, one by one',
      lastsMs: 0,
      told: { workers: workersAmong(members), orderly: true },
      take: () => system.take(name, members),
      async strike() {
        const done = replaceInTurn(name, members, system);
        // `end` awaits `done` and gets its error. Until then an error must not be an unhandled rejection.
        done.catch(() => undefined);
        return () => done;
      },
    };
  });
}

async function replaceInTurn(fault: string, members: readonly Member[], system: System): Promise<void> {
  for (const member of members) {
    const over = system.tell({
      fault,
      target: member.name,
      workers: workersAmong([member]),
      orderly: true,
      ...(member === system.leader() ? { leader: 'stopped' } : {}),
    });
    await member.stop('SIGTERM');
    await member.start();
    over();
    // As in a real deploy, the next process is replaced only when this one is ready.
    await member.ready();
  }
}

function workersAmong(members: readonly Member[]): string[] {
  return members.filter(({ role }) => role === 'worker').map(({ name }) => name);
}

export const deploys: readonly Fault[] = [deploy('scheduler'), deploy('worker')];
