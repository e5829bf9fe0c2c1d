import path from 'node:path';
import { commandLineOf } from '../members/roles.js';
import { MemberProcess } from '../members/member-process.js';
import type { ToldEvents } from '../members/told.js';
import type { Role, Topology } from '../system.js';
import type { Setup } from './setup.js';

/** Every member in a home of its own; none runs yet. */
export async function makeMembers(topology: Topology, setup: Setup, told: ToldEvents): Promise<MemberProcess[]> {
  const counts: readonly (readonly [Role, string, number])[] = [
    ['scheduler', 's', setup.schedulers],
    ['worker', 'w', setup.workers],
    ['client', 'c', setup.clients],
  ];
  const members: MemberProcess[] = [];
  for (const [role, letter, count] of counts)
    for (let n = 1; n <= count; n++) members.push(await makeMember(topology, setup, told, role, `${letter}${n}`));
  return members;
}

async function makeMember(
  topology: Topology,
  setup: Setup,
  told: ToldEvents,
  role: Role,
  name: string,
): Promise<MemberProcess> {
  const home = await topology.home(name);
  const { args, env } = commandLineOf(role, name, home, setup);
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
