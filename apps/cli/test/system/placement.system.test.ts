import path from 'node:path';
import type { FinishedTask, TaskInput } from '@drover/client';
import { parseConditions, satisfies } from '@drover/core';
import { seededRandom } from '@drover/runtime';
import { fromEntries, fromFiles, renderReport, verify, type FaultLine, type Operation } from '@drover/verify';
import test from 'ava';
import type { Cluster, Member, Place } from './cluster.js';
import { leaderOf, runAll, world } from './world.js';

const SHORT = ['--session-timeout', '2s'];
const GIB = 2 ** 30;
const TASKS = 1_000;
/** The leader is killed when so many have ended. */
const KILLS = [150, 300, 450, 600, 750];

const PLACES: Readonly<Record<string, Place>> = {
  large: { has: { slots: 6, cpu: 4, memory: 4 * GIB }, labels: { zone: 'a', disk: 'ssd', cores: '16' } },
  graphics: { has: { slots: 6, cpu: 2, memory: 2 * GIB, gpu: 2 }, labels: { zone: 'b', disk: 'ssd', cores: '8' } },
  mixed: { has: { slots: 4, cpu: 3, memory: GIB, gpu: 1 }, labels: { zone: 'a' } },
  plain: { has: { slots: 8 }, labels: { zone: 'b' } },
};
const DEMANDS: readonly Readonly<Record<string, number>>[] = [
  {},
  { cpu: 0.5 },
  { cpu: 1.5, memory: GIB },
  { cpu: 1, memory: GIB / 2 },
  { cpu: 3 },
  { memory: 2 * GIB },
  { slots: 0.5 },
  { slots: 0, cpu: 1 },
  { gpu: 0.25 },
  { gpu: 0.5, cpu: 0.5 },
  { gpu: 1 },
  { gpu: 2 },
];
const CONDITIONS = [undefined, undefined, 'zone=a', 'zone=b', 'disk=ssd', '!disk', 'cores>=8', 'zone!=a'];
const APART = { by: 'zone', over: 'key:alone' } as const;

interface Drawn {
  name: string;
  needs: Readonly<Record<string, number>>;
  where: string | undefined;
  isApart: boolean;
}

/** Tasks of random demands and conditions, each of which some worker can take. */
function draw(random: () => number): Drawn[] {
  const any = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const drawn: Drawn[] = [];
  while (drawn.length < TASKS) {
    const one = { name: `t${drawn.length}`, needs: any(DEMANDS), where: any(CONDITIONS), isApart: random() < 0.05 };
    if (Object.values(PLACES).some((place) => canTake(place, one))) drawn.push(one);
  }
  return drawn;
}

const canTake = ({ has, labels }: Place, { needs, where }: Drawn): boolean =>
  Object.entries(needs).every(([name, amount]) => amount <= (has[name] ?? 0)) && satisfies(conditionsOf(where), labels);

const conditionsOf = (where: string | undefined) =>
  where === undefined ? [] : (parseConditions('where', where) ?? []);

function toInput({ name, needs, where, isApart }: Drawn, ms: number): TaskInput & { payload: unknown } {
  return {
    type: 'placed',
    payload: { name, needs: { slots: 1, ...needs }, ms },
    ...(Object.keys(needs).length === 0 ? {} : { resources: needs }),
    ...(where === undefined ? {} : { where }),
    ...(isApart ? { apart: APART } : {}),
  };
}

const now = (): number => Number(process.hrtime.bigint()) / 1e6;

/** As a client that submits and waits writes it down. */
function operationsOf(
  { name, where, isApart }: Drawn,
  submittedAt: number,
  told: FinishedTask | undefined,
): Operation[] {
  const about = {
    ...{
      op: 'submit' as const,
      task: name,
      where: conditionsOf(where).map((each) => ({ ...each, values: [...(each.values ?? [])] })),
    },
    ...(isApart ? { apart: { by: APART.by, group: APART.over } } : {}),
  };
  const invoked: Operation = { at: submittedAt, type: 'invoke', ...about };
  if (told === undefined) return [invoked];
  const { id, state, attempt } = told;
  const value = told.state === 'succeeded' ? { value: told.result } : {};
  const at = now();
  return [
    invoked,
    { at, type: 'ok', ...about, id },
    { at, type: 'ok', op: 'result', task: name, id, outcome: state, attempt, ...value },
  ];
}

/** Kills whoever leads, and starts another scheduler in its place. */
class Killer {
  readonly faults: FaultLine[] = [];
  readonly #cluster: Cluster;
  #standing: Member[];

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#standing = ['s1', 's2'].map((id) => cluster.scheduler(id, ...SHORT));
  }

  async kill(): Promise<void> {
    const leader = await leaderOf(this.#standing);
    const n = this.faults.length / 2;
    const about = { n, fault: 'kill', target: leader.name, role: 'scheduler' as const };
    this.faults.push({ at: now(), type: 'begin', ...about, workers: [], leader: 'killed' });
    await leader.end();
    this.faults.push({ at: now(), type: 'end', ...about });
    this.#standing = [
      ...this.#standing.filter((one) => one !== leader),
      this.#cluster.scheduler(`s${n + 3}`, ...SHORT),
    ];
  }
}

const HELD = [
  'acknowledged tasks end once',
  'workers are never over-subscribed',
  'tasks run where they ask to',
  'tasks stay apart',
];

test('a mixed job of a thousand tasks, the leader killed five times: nothing is over-subscribed, all runs where it may, once', async (t) => {
  const { cluster, drover } = await world(t);
  const killer = new Killer(cluster);
  const workers = Object.entries(PLACES).map(([name, place]) => cluster.placedWorker(name, place, ...SHORT));
  await Promise.all(workers.map((worker) => worker.event('worker.registered')));
  const random = seededRandom(16);
  const drawn = draw(random);
  const submittedAt = now();
  const kills: Promise<void>[] = [];
  const inputs = drawn.map((one) => toInput(one, 5 + Math.floor(random() * 60)));
  const finished = await runAll(drover, inputs, (ended) => {
    if (KILLS.includes(ended)) kills.push((kills.at(-1) ?? Promise.resolve()).then(() => killer.kill()));
  });
  await Promise.all(kills);
  t.is(finished.length, TASKS);
  t.true(
    finished.every(({ state, attempt }) => state === 'succeeded' && attempt === 1),
    'a change of leader moves nothing',
  );
  t.is(killer.faults.length, 2 * KILLS.length);

  const told = new Map(finished.map((task) => [drawn[task.index]?.name, task]));
  const report = await verify({
    operations: fromEntries(drawn.flatMap((one) => operationsOf(one, submittedAt, told.get(one.name)))),
    effects: fromFiles([path.join(cluster.folder, 'effects.ndjson')]),
    faults: fromEntries(killer.faults),
  });
  t.is(report.verdict, 'held', renderReport(report));
  for (const name of HELD) t.is(report.rules.find((rule) => rule.name === name)?.verdict, 'held', name);
});
