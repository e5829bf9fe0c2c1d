import test from 'ava';
import { assigned, decideAll, world } from '../../test/decide.js';
import { satisfies, withSlots, type Amounts, type QueueSettings, type Where } from '@drover/core';
import { fc, testProp } from '@fast-check/ava';
import type { ExecutionContext } from 'ava';
import type { Group } from '../model.js';
import { capacityOf, labelsOf } from '../../test/placement-laws.js';
import { groupAt, mayRun, seededRandom, World } from '../../test/world.js';

const STEPS = [
  'submit',
  'submit',
  'report',
  'report',
  'join',
  'change',
  'die',
  'configure',
  'wait',
  'take-over',
] as const;
const GIB = 2 ** 30;

/** Random histories of tasks that need resources, of workers that have some; all is told and planned after each step. */
class PlacedHistory {
  readonly world: World;
  readonly #random: () => number;
  #workers = 0;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.world = new World(this.#random, 'round-robin', { graceMs: 500, retainAtLeastMs: 1_000, retainTasks: 30 });
  }

  step(step: (typeof STEPS)[number]): void {
    const { world } = this;
    world.now += 1 + this.#upTo(50);
    if (step === 'submit') this.#submit();
    else if (step === 'report') this.#report();
    else if (step === 'join') this.#join(`w${this.#workers++}`);
    else if (step === 'change') this.#change();
    else if (step === 'die') this.#withWorker(world.die.bind(world));
    else if (step === 'configure') this.#configure();
    else if (step === 'wait') world.now += 5_000;
    else world.takeOver();
    world.settle();
  }

  #submit(): void {
    const group: Partial<Group> = {
      type: this.#of(['t', 'u']),
      count: 1 + this.#upTo(12),
      resources: this.#demand(),
      where: this.#where(),
      priority: this.#upTo(2),
      ...(this.#chance(0.1) && { timeoutMs: 1_000 }),
    };
    this.world.submit(this.#of(['q', 'r']), [group]);
  }

  #demand(): Amounts | null {
    if (this.#chance(0.2)) return null;
    return {
      ...(this.#chance(0.7) && { cpu: 500 * (1 + this.#upTo(5)) }),
      ...(this.#chance(0.4) && { memory: GIB * (1 + this.#upTo(3)) }),
      ...(this.#chance(0.2) && { gpu: this.#of([250, 500, 1000, 2000]) }),
      ...(this.#chance(0.1) && { slots: this.#of([500, 2000]) }),
      ...(this.#chance(0.05) && { absent: 1000 }),
    };
  }

  #where(): Where | null {
    if (this.#chance(0.6)) return null;
    if (this.#chance(0.2)) return [{ label: 'name', op: 'not', values: ['w1'] }];
    return [{ label: 'zone', op: this.#of(['in', 'not'] as const), values: [this.#of(['a', 'b'])] }];
  }

  #join(id: string): void {
    this.world.join(id, {
      types: this.#of([['t'], ['t', 'u']]),
      capacity: 1 + this.#upTo(6),
      ...(this.#chance(0.8) && this.#offer()),
      ...(this.#chance(0.7) && { labels: { zone: this.#of(['a', 'b', 'c']) } }),
      ...(this.#chance(0.1) && { pressed: true }),
      ...(this.#chance(0.1) && { draining: true }),
      ...(this.#chance(0.2) && { concurrency: { t: 1 } }),
    });
  }

  #offer() {
    const gpus = Array.from({ length: this.#upTo(3) }, (_, at) => `${at}`);
    return {
      resources: {
        cpu: 1000 * (1 + this.#upTo(8)),
        memory: GIB * (1 + this.#upTo(8)),
        ...(gpus.length > 0 && { gpu: gpus.length * 1000 }),
      },
      ...(gpus.length > 0 && { devices: { gpu: gpus } }),
      ...(this.#chance(0.2) && { overcommit: { cpu: 1.5 } }),
    };
  }

  #change(): void {
    this.#withWorker((id) => {
      this.#join(id);
    });
  }

  #report(): void {
    const ids = [...this.world.assignments.keys()];
    if (ids.length === 0) return;
    const id = this.#of(ids);
    const open = [...(this.world.assignments.get(id)?.open ?? [])];
    const some = open.slice(0, 1 + this.#upTo(open.length));
    const outcome = this.#of(['succeeded', 'failed', 'returned'] as const);
    this.world.report(
      id,
      some.map((index) => ({ from: index, to: index + 1, outcome })),
      some.length === open.length,
      this.#chance(0.5) ? { ranMs: 5 * some.length, heldMs: 10 } : undefined,
    );
  }

  #configure(): void {
    const settings: Partial<QueueSettings> = {
      ...(this.#chance(0.3) && { resources: { cpu: 1000 } }),
      ...(this.#chance(0.2) && { where: [{ label: 'zone', op: 'in' as const, values: ['a', 'b'] }] }),
      ...(this.#chance(0.2) && { pool: 'p' }),
      ...(this.#chance(0.2) && { maxRunning: 5 }),
      ...(this.#chance(0.1) && { paused: true }),
    };
    this.world.configure(this.#of(['q', 'r']), settings);
  }

  #withWorker(act: (id: string) => void): void {
    const ids = [...this.world.workers.keys()];
    if (ids.length > 0) act(this.#of(ids));
  }

  #upTo(count: number): number {
    return Math.floor(this.#random() * count);
  }

  #of<Item>(items: readonly Item[]): Item {
    return items[this.#upTo(items.length)] as Item;
  }

  #chance(part: number): boolean {
    return this.#random() < part;
  }
}

const anyHistory = fc.record({
  seed: fc.integer(),
  steps: fc.array(fc.constantFrom(...STEPS), { minLength: 5, maxLength: 60 }),
});

testProp(
  'claims are those of the assignments that exist, whoever leads',
  [anyHistory],
  (t, { seed, steps }) => {
    const history = new PlacedHistory(seed);
    for (const step of steps) {
      history.step(step);
      claimsAreTrue(t, history.world);
    }
    t.pass();
  },
  { numRuns: 300 },
);

function claimsAreTrue(t: ExecutionContext, world: World): void {
  for (const { placed, id, gone } of world.state.workers.all()) {
    if (placed === null || gone) continue;
    const claims = world.placement.claims(id);
    t.is(placed.slots, claims.get('slots') ?? 0, `slots of ${id}`);
    for (const [name, amount] of placed.claimed) t.is(amount, claims.get(name) ?? 0, `${name} of ${id}`);
    for (const [name, amount] of claims)
      if (name !== 'slots') t.is(placed.claimed.get(name) ?? 0, amount, `${name} of ${id}`);
  }
}

testProp(
  'no task waits that would fit a worker',
  [anyHistory],
  (t, { seed, steps }) => {
    const history = new PlacedHistory(seed);
    for (const step of steps) {
      history.step(step);
      const { world } = history;
      for (const [batch, { fact, states }] of world.batches)
        states.forEach((state, index) => {
          if (state !== 'waiting' || !mayGo(world, batch, index)) return;
          for (const id of world.workers.keys())
            t.false(hasRoom(world, id, { batch, index }), `${batch}.${index} of ${fact.queue} waits beside ${id}`);
        });
    }
    t.pass();
  },
  { numRuns: 300 },
);

/** Nothing but the workers keeps the task. */
function mayGo(world: World, id: string, index: number): boolean {
  const batch = world.batches.get(id);
  const queue = world.state.queues.get(batch?.fact.queue ?? '');
  if (batch === undefined || queue === undefined || queue.allowance <= 0) return false;
  // One that was out at a worker that died has rules of its own.
  if (batch.progress[index]?.losses !== 0 || (batch.dueAt[index] ?? 0) > world.now) return false;
  return world.state.suspects.size === 0;
}

/** By everything that is known of the worker: a demand that it could begin at once. */
function hasRoom(world: World, id: string, { batch: of, index }: { batch: string; index: number }): boolean {
  const worker = world.told.get(id);
  const batch = world.batches.get(of);
  const state = world.state.workers.get(id);
  if (worker === undefined || batch === undefined || state?.eligible !== true) return false;
  const group = groupAt(batch.fact, index);
  const settings = world.state.queues.get(batch.fact.queue)?.settings;
  if (!mayRun(worker, batch.fact, group.type)) return false;
  const demand = withSlots(group.resources ?? settings?.resources ?? null);
  const where = group.where ?? settings?.where ?? [];
  if ((settings?.pool ?? worker.pool ?? 'default') !== (worker.pool ?? 'default')) return false;
  if (!satisfies(where, labelsOf(worker)) || worker.concurrency !== undefined) return false;
  const capacity = capacityOf(worker);
  const claims = world.placement.claims(id);
  const plain = [...world.assignments.values()]
    .filter(({ fact }) => fact.worker === id && fact.width === undefined)
    .reduce((sum, { open }) => sum + open.size, 0);
  claims.set('slots', (claims.get('slots') ?? 0) + plain * 1000);
  for (const [name, amount] of Object.entries(demand)) {
    if (amount > 0 && name === 'gpu') return false;
    if (amount > 0 && (claims.get(name) ?? 0) + amount > (capacity[name] ?? 0)) return false;
  }
  return true;
}

test('nothing goes to a worker that grew for a class, and has gone since', (t) => {
  const w = world();
  w.submit('q', [{ count: 1, delayMs: 5_000, resources: { cpu: 1_000 } }]);
  decideAll(w);
  for (const id of ['a', 'b']) w.join(id, { resources: { cpu: 10_000 } });
  decideAll(w);
  w.die('a');
  w.now += 6_000;
  t.is(assigned(decideAll(w))[0]?.worker, 'b');
});
