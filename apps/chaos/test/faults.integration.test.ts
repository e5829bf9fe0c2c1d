import test, { type ExecutionContext } from 'ava';
import { FAULTS } from '../src/faults/index.js';
import type { Fault } from '../src/system.js';
import { evidenceOf } from './evidence.js';
import { TestSystem } from './members.js';
import { testObserver, testTopology, type Closing } from './world.js';

/** Makes a fault choose the last possible target: of all members the client, of all servers the third. */
const chooseLast = (): number => 0.999;

// All tests share one system: each fault must leave it healed, or the next test fails.
const closing: Closing[] = [];
const forAll = { teardown: (close: Closing) => void closing.unshift(close) };
let system: TestSystem;
test.before(async () => {
  system = await TestSystem.start(await testTopology(forAll, { clocks: true }));
});
test.after.always(async () => {
  for (const close of closing) await close();
});

for (const fault of FAULTS)
  test.serial(`${fault.name} does what it says to whom it says, and heals`, async (t) => {
    const missing = fault.needs && system.topology.missing[fault.needs];
    // If the system cannot do it, a run says why and leaves it out.
    if (missing === undefined) await befall(t, fault);
    else t.regex(missing, /\w/);
  });

async function befall(t: ExecutionContext, fault: Fault): Promise<void> {
  const { topology, members } = system;
  const evidence = evidenceOf(fault.name);
  await system.whole();
  const told = new Map(members.map((member) => [member, member.lines.length]));
  const pids = new Map([...members, ...topology.servers].map((party) => [party, party.pid]));
  const sessions = new Map(topology.servers.map((server) => [server, testObserver(t, [server])]));
  await Promise.all([...sessions.values()].map((zk) => zk.connected()));
  const probe = await evidence.before?.(system);

  const toldBefore = system.told.length;
  const underway = await system.changes.until(() => fault.begin(system, chooseLast));
  const targets = underway.target.split(', ');
  const scene = {
    system,
    observer: testObserver(t, topology.servers),
    members: members.filter(({ name }) => targets.includes(name)),
    servers: targets.flatMap((name) => topology.servers.filter(({ number }) => name === `zookeeper-${number}`)),
  };
  const parties = [...scene.members, ...scene.servers];
  t.is(parties.length, targets.length, underway.target);
  const before = {
    pids: parties.map((party) => pids.get(party)),
    told: scene.members.map((member) => told.get(member) ?? 0),
    sessions: scene.servers.flatMap((server) => sessions.get(server) ?? []),
    probe,
  };
  try {
    await evidence.during?.({ ...scene, ...before });
  } finally {
    await underway.end();
  }
  await evidence.after?.({ ...scene, ...before });

  const lines = system.told.slice(toldBefore);
  t.like(lines[0], { fault: fault.name, target: underway.target });
  t.true(lines.every(({ over }) => over));
  t.true([...members, ...topology.servers].every(({ heldBy }) => heldBy === undefined));
}
