import path from 'node:path';
import { commandLineOf, type CommandLine } from '../members/roles.js';
import { MemberProcess } from '../members/member-process.js';
import type { ToldEvents } from '../members/told.js';
import type { Home, Role, Topology } from '../system.js';
import type { Setup } from './setup.js';

/** Every member in a home of its own; none runs yet. */
export async function makeMembers(topology: Topology, setup: Setup, told: ToldEvents): Promise<MemberProcess[]> {
  const counts: readonly (readonly [Role, string, number])[] = [
    ['scheduler', 's', setup.schedulers],
    ['worker', 'w', setup.workers],
    ['client', 'c', setup.clients],
    ['client', 'h', setup.httpClients],
    ['viewers', 'v', setup.viewers === null ? 0 : 1],
  ];
  const members: MemberProcess[] = [];
  const apis: string[] = [];
  for (const [role, letter, count] of counts)
    for (let n = 1; n <= count; n++) {
      const name = `${letter}${n}`;
      const home = await topology.home(name);
      if (role === 'scheduler') apis.push(`http://${home.listen}`);
      const program = commandLineOf({ role, name, home, setup, apis });
      members.push(makeMember({ role, name, home, program, setup, told }));
    }
  return members;
}

interface Making {
  role: Role;
  name: string;
  home: Home;
  program: CommandLine;
  setup: Setup;
  told: ToldEvents;
}

function makeMember({ role, name, home, program: { args, env }, setup, told }: Making): MemberProcess {
  return new MemberProcess({
    name,
    role,
    home,
    command: process.execPath,
    args,
    env: { ...process.env, ...env },
    logPath: path.join(setup.paths.logs, `${name}.log`),
    onLine: (member, line) => {
      told.add(member.name, line);
    },
    onUnexpectedEnd: (member, how) => {
      told.faults.push(`${member.name} ended by itself: ${how}`);
    },
  });
}
