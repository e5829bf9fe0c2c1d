import { type Amounts } from '@drover/core';
import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { decideAll, world } from '../test/decide.js';
import { demandWith, FairModel, type Backlog } from '../test/fair-world.js';
import { seededRandom, World } from '../test/world.js';
import { STANDARD_ACCOUNT } from './accounts.js';

const GIB = 2 ** 30;
const ZONES = ['a', 'b'] as const;

const amounts = fc.record({
  cpu: fc.integer({ min: 1, max: 4 }).map((n) => n * 500),
  memory: fc.integer({ min: 1, max: 8 }).map((n) => (n * GIB) / 2),
});
const zone = fc.option(fc.constantFrom(...ZONES), { freq: 3 });
const anyWorker = fc.record({
  capacity: fc.integer({ min: 1, max: 8 }),
  cpu: fc.integer({ min: 1, max: 8 }).map((n) => n * 1_000),
  memory: fc.integer({ min: 1, max: 16 }).map((n) => n * GIB),
  zone: fc.constantFrom(...ZONES),
});
const anyAccount = fc.record({
  weight: fc.integer({ min: 1, max: 3 }),
  guarantee: fc.oneof(
    fc.constant({}),
    fc.nat(8).map((cpu): Amounts => ({ cpu: cpu * 1_000 })),
  ),
  limit: fc.oneof(
    fc.constant({}),
    fc.integer({ min: 8, max: 12 }).map((cpu): Amounts => ({ cpu: cpu * 1_000 })),
  ),
});
const anyBacklog = fc.record({ account: fc.nat(3), use: amounts, zone, licence: fc.nat(3).map((n) => n === 0) });
const anyStep = fc.oneof(
  fc.record({ does: fc.constant('end' as const), any: fc.nat() }),
  fc.record({ does: fc.constant('end' as const), any: fc.nat() }),
  fc.record({ does: fc.constant('end' as const), any: fc.nat() }),
  fc.record({ does: fc.constant('join' as const), worker: anyWorker }),
  fc.record({ does: fc.constant('leave' as const), any: fc.nat() }),
  fc.record({ does: fc.constant('declare' as const), account: fc.nat(3), spec: anyAccount }),
  fc.record({ does: fc.constant('licences' as const), total: fc.nat(4) }),
  fc.record({ does: fc.constant('take-over' as const) }),
);

testProp(
  'whoever is served holds least for its weight of those who could be served; limits and totals are never exceeded; nothing that fits waits',
  [
    fc.nat(),
    fc.array(anyWorker, { minLength: 1, maxLength: 8 }),
    fc.array(anyAccount, { minLength: 4, maxLength: 4 }),
    fc.array(anyBacklog, { minLength: 2, maxLength: 8 }),
    fc.array(anyStep, { maxLength: 30 }),
  ],
  (t, seed, workers, specs, wanted, steps) => {
    const w = new World(seededRandom(seed), 'round-robin');
    const backlogs = wanted.map(({ account, use, zone: where, licence }, n): Backlog => {
      const demand = licence ? { ...use, 'licence.x': 1_000 } : use;
      return {
        account: `account${account}`,
        queue: `q${n}`,
        demand: demandWith(demand),
        where: where === null ? null : [{ label: 'zone', op: 'in', values: [where] }],
      };
    });
    const model = new FairModel(w, backlogs);
    const declare = (name: string, { weight, guarantee, limit }: (typeof specs)[0]): void => {
      const least = { ...STANDARD_ACCOUNT, weight, guarantee, limit };
      w.account(name, least);
      model.accounts.set(name, least);
    };
    const licences = (total: number): void => {
      w.resource('licence.x', total * 1_000);
      model.floating.set('licence.x', total * 1_000);
    };
    let joined = 0;
    const join = ({ capacity, cpu, memory, zone: at }: (typeof workers)[0]): void =>
      w.join(`w${joined++}`, { capacity, resources: { cpu, memory }, labels: { zone: at } });

    /** In order: nobody is suspected for it. */
    const leave = (id: string): void => {
      const { capacity = 1, ...worker } = w.workers.get(id) ?? {};
      w.join(id, { ...worker, capacity, draining: true });
      w.die(id);
    };

    specs.forEach((spec, n) => declare(`account${n}`, spec));
    licences(2);
    for (const { queue, account, demand, where } of backlogs) {
      w.configure(queue, { account });
      const { slots: _, ...resources } = demand;
      w.submit(queue, [{ type: 't', count: 100, resources, where }]);
    }
    for (const worker of workers) join(worker);
    const settle = (): void => {
      for (let more = true; more;) {
        w.deliver();
        const commands = w.plan();
        model.follow(commands);
        more = commands.length > 0;
      }
      const idle = backlogs.filter((each) => model.fits(each) && hasPending(w, each.queue));
      t.deepEqual(
        idle.map(({ queue }) => queue),
        [],
        'what fits waits',
      );
    };
    settle();
    for (const step of steps) {
      w.now += 10;
      if (step.does === 'end') {
        const out = [...w.assignments.keys()];
        const id = out[step.any % out.length];
        if (id !== undefined) w.reportRest(id);
      } else if (step.does === 'join') join(step.worker);
      else if (step.does === 'leave') {
        const there = [...w.workers.keys()];
        const id = there[step.any % there.length];
        if (id !== undefined && there.length > 1) leave(id);
      } else if (step.does === 'declare') declare(`account${step.account}`, step.spec);
      else if (step.does === 'licences') licences(step.total);
      else w.takeOver();
      settle();
    }
    t.pass();
  },
  { numRuns: 100 },
);

const hasPending = ({ batches }: World, queue: string): boolean =>
  [...batches.values()].some(({ fact, states }) => fact.queue === queue && states.includes('waiting'));

test('dominant resource fairness by the book: 3 tasks of 1 cpu and 4 GiB beside 2 tasks of 3 cpu and 1 GiB', (t) => {
  const w = world();
  w.join('w', { capacity: 100, resources: { cpu: 9_000, memory: 18 * GIB } });
  w.configure('a', { account: 'a' });
  w.configure('b', { account: 'b' });
  w.submit('a', [{ type: 't', count: 20, resources: { cpu: 1_000, memory: 4 * GIB } }]);
  w.submit('b', [{ type: 't', count: 20, resources: { cpu: 3_000, memory: GIB } }]);
  decideAll(w);
  t.deepEqual([w.outOf('a'), w.outOf('b')], [3, 2]);
  const shares = w.planner.accountUses().filter(({ account }) => account !== 'default');
  t.deepEqual(
    shares.map(({ share }) => share),
    [12 / 18, 6 / 9],
  );
});
