import { askToMakeRoom } from '../src/assignments.js';
import { isDeepStrictEqual } from 'node:util';
import {
  OUTCOMES,
  readBins,
  taskId,
  type LimitSpec,
  type Range,
  type RangeEnd,
  type TaskOptions,
  type UniquePolicy,
} from '@drover/core';
import { fc } from '@fast-check/ava';
import type { WorkClass } from '../src/classes.js';
import type { Paces } from '../src/durations.js';
import { isFinalPlace, PLACE } from '../src/tasks.js';
import { seededRandom, World, type WorldAssignment } from './world.js';

/**
 * Random histories: submits, joins, deaths, reports of all kinds, cancels, retries, drains, pauses, other leaders, and
 * news that arrives late. `World` throws when a command breaks a law.
 */
export const STEPS = [
  'submit',
  'submit',
  'report',
  'report',
  'report',
  'report-part',
  'report-garbage',
  'obey',
  'join',
  'die',
  'learn',
  'drain',
  'upgrade',
  'cancel',
  'make-room',
  'retry',
  'configure',
  'take-over',
  'limit',
  'account',
  'hold',
  'activate',
  'activate',
  'let-go',
  'discard',
  'wait',
  'deliver',
  'plan',
  'plan',
] as const;
export type Step = (typeof STEPS)[number];

const TYPES = ['t', 'u'] as const;
/** With the scope of each; tasks name also one that nobody declares. */
const LIMITS = { all: 'all', own: 'key', ten: 'tenant', on: 'all', each: 'tenant' } as const;
const QUEUES = ['q', 'r', 's'] as const;
/** Queues of other accounts have classes with claims: see the tests of placement. */
const ACCOUNTS = ['default', 'x'] as const;
const TENANTS = ['a', 'b', 'c'] as const;
/** Features that batches may need, and workers may understand. */
const FEATURES = ['f', 'g'] as const;

export class History {
  readonly world: World;
  readonly #random: () => number;
  readonly #aheadMs: number;
  #workers = 0;

  constructor(seed: number, strategy: string, aheadMs: number) {
    this.#random = seededRandom(seed);
    this.#aheadMs = aheadMs;
    const settings = {
      aheadMs,
      graceMs: 500,
      preemptGraceMs: 300,
      agingMs: this.#random() < 0.5 ? 300 : null,
      retainAtLeastMs: 1_000,
      retainTasks: 30,
      retainMs: 60_000,
      retainDeadTasks: 5,
      retainDeadMs: 90_000,
    };
    this.world = new World(this.#random, strategy, settings);
  }

  step(step: Step): void {
    const { world } = this;
    world.now += this.#below(40);
    switch (step) {
      case 'submit':
        this.#submit();
        break;
      case 'join':
        this.join();
        break;
      case 'learn':
        this.#withWorker((id) => {
          world.learn(id, this.#garbage());
        });
        break;
      case 'die':
        this.#withWorker((id) => {
          world.die(id);
        });
        break;
      case 'drain':
        this.#withWorker((id, worker) => {
          world.join(id, { ...worker, draining: !worker.draining });
        });
        break;
      case 'upgrade':
        this.#withWorker((id, worker) => {
          world.join(id, { ...worker, understands: this.#someFeatures(0.5) });
        });
        break;
      case 'report':
        this.#withAssignment((id, { open }) => {
          const busy = this.#random() < 0.5 ? { busyMs: this.#random() * 10 ** this.#below(4) } : {};
          const spent = { ranMs: this.#random() * 10 ** this.#below(4), heldMs: this.#below(40), ...busy };
          world.report(id, this.#endsOf(open), true, ...(this.#random() < 0.5 ? [spent] : []));
        });
        break;
      case 'report-part':
        this.#withAssignment((id, { open }) => {
          const some = [...open].filter(() => this.#random() < 0.5);
          if (some.length > 0) world.report(id, this.#endsOf(some), false);
        });
        break;
      case 'report-garbage':
        this.#withAssignment((id) => {
          world.report(id, [], true);
        });
        break;
      case 'obey':
        this.#obey();
        break;
      case 'cancel':
        world.planner.cancel([this.#anyTask(), this.#anyTask()], world.now);
        break;
      case 'make-room':
        this.#withAssignment((id) => {
          const assignment = world.state.assignments.byId(id);
          if (assignment !== undefined) askToMakeRoom(world.state, assignment, 'priority', world.now);
        });
        break;
      case 'retry':
        world.retry([this.#anyTask(), this.#anyTask(), this.#anyTask()]);
        break;
      case 'configure':
        world.configure(this.#one(QUEUES), {
          paused: this.#random() < 0.3,
          priority: this.#below(2),
          weight: 1 + this.#below(3),
          maxRunning: this.#random() < 0.3 ? this.#below(6) : null,
          retainTasks: this.#random() < 0.2 ? this.#below(20) : null,
          retainDead: this.#random() < 0.2 ? this.#below(90_000) : null,
          maxRunningPerTenant: this.#random() < 0.3 ? this.#below(4) : null,
          tenants: this.#random() < 0.3 ? { a: 1 + this.#below(3) } : {},
          fairness: this.#random() < 0.3 ? 'time' : 'tasks',
          minShare: this.#random() < 0.3 ? this.#random() : 0,
          account: this.#random() < 0.3 ? 'x' : 'default',
          onDead: this.#random() < 0.5 ? { type: this.#one(TYPES), queue: this.#one(QUEUES) } : null,
        });
        break;
      case 'limit':
        this.#limit();
        break;
      case 'account':
        this.#account();
        break;
      case 'hold': {
        const key = this.#one([null, '', 'x', 'a']);
        const name = this.#one(['all', 'own', 'ten'] as const);
        if (world.limits.specs.has(name))
          world.hold(name, key, this.#random() < 0.3 ? 0 : world.now + this.#below(400));
        break;
      }
      case 'activate':
        this.#withDraft((id) => {
          world.activate(id);
        });
        break;
      case 'let-go':
        this.#withStep((id) => {
          world.letGo(id);
        });
        break;
      case 'discard':
        if (this.#random() < 0.3)
          this.#withDraft((id) => {
            world.discard(id);
          });
        break;
      case 'take-over':
        world.takeOver();
        this.#plan();
        break;
      case 'wait':
        world.now = Math.max(world.now, Math.min(world.planner.nextDueAt() ?? 0, world.now + 60_000));
        break;
      case 'deliver':
        world.deliver(1 + this.#below(4));
        break;
      case 'plan':
        this.#plan();
        break;
    }
  }

  #limit(): void {
    const [name, per] = this.#one(Object.entries(LIMITS) as [keyof typeof LIMITS, LimitSpec['per']][]);
    const limit = 1 + this.#below(4);
    const rate = this.#random() < 0.4 ? { limit, periodMs: 1 + this.#below(400), burst: 1 + this.#below(limit) } : null;
    const concurrency = rate === null || this.#random() < 0.3 ? 1 + this.#below(4) : null;
    const wide =
      this.#random() < 0.5 ? {} : this.#random() < 0.5 ? { queue: this.#one(QUEUES) } : { type: this.#one(TYPES) };
    const on = name === 'on' || name === 'each' ? wide : null;
    this.world.limit(name, this.#random() < 0.2 ? null : { concurrency, rate, on, per });
  }

  #account(): void {
    const slots = (1 + this.#below(8)) * 1_000;
    this.world.account(
      this.#one(ACCOUNTS),
      this.#random() < 0.3
        ? null
        : {
            weight: 1 + this.#below(3),
            guarantee: this.#random() < 0.4 ? { slots: Math.min(slots, 2_000) } : {},
            limit: this.#random() < 0.6 ? { slots } : {},
            lend: this.#random() < 0.7,
          },
    );
  }

  join(): void {
    const types = this.#random() < 0.6 ? [...TYPES] : [this.#one(TYPES)];
    this.world.join(`w${this.#workers++}`, {
      capacity: 1 + this.#below(4),
      weight: 1 + this.#below(3),
      types,
      understands: this.#someFeatures(0.5),
      ...(this.#random() < 0.3 && { concurrency: { [types[0] ?? 't']: 1 + this.#below(2) } }),
    });
  }

  /** Faults stop: queues go on, nobody drains, workers end what they have. */
  calm(): void {
    const { world } = this;
    for (const queue of QUEUES) world.configure(queue, { onDead: { type: this.#one(TYPES) } });
    for (const name of Object.keys(LIMITS)) world.hold(name, null, 0);
    for (const name of ACCOUNTS) world.account(name, null);
    for (const [id, worker] of world.workers) world.join(id, { ...worker, draining: false });
    this.#workers++;
    world.join(`last${this.#workers}`, { capacity: 3, types: [...TYPES], understands: [...FEATURES] });
    world.deliver();
    for (const [id, { fact }] of world.batches) {
      if (fact.isDraft === true) world.activate(id);
      if (fact.isKept === true) world.letGo(id);
    }
  }

  #plan(): void {
    const { world } = this;
    world.plan();
    checkViews(world);
    for (const [id, worker] of world.workers) {
      if (this.#aheadMs > 0) continue;
      const out = world.runningAt(id);
      if (out > worker.capacity) throw new Error(`${id} has ${out} tasks out, its capacity is ${worker.capacity}`);
      for (const [type, most] of Object.entries(worker.concurrency ?? {}))
        if (world.runningAt(id, type) > most) throw new Error(`${id} has more than ${most} tasks of type ${type} out`);
    }
  }

  /** Run times as no worker has them: nothing but time may follow from them. */
  #garbage(): Paces {
    const bins = (): ReadonlyMap<number, number> =>
      readBins(Array.from({ length: this.#below(8) }, () => this.#below(900) - 200));
    return new Map([...TYPES, 'none'].filter(() => this.#random() < 0.7).map((type) => [type, bins()]));
  }

  #submit(): void {
    const groups = Array.from({ length: 1 + this.#below(3) }, () => ({
      type: this.#one(TYPES),
      count: 1 + this.#below(6),
      maxAttempts: 1 + this.#below(3),
      timeoutMs: this.#random() < 0.3 ? 200 : null,
      delayMs: this.#random() < 0.2 ? this.#below(2_000) : 0,
      expiresMs: this.#random() < 0.2 ? 1 + this.#below(1_000) : null,
      deadlineMs: this.#random() < 0.2 ? 2_000 + this.#below(2_000) : null,
      tenant: this.#random() < 0.3 ? this.#one(TENANTS) : '',
      priority: this.#random() < 0.3 ? this.#below(19) - 9 : 0,
      limits: this.#random() < 0.4 ? this.#limits() : null,
      sequence: this.#random() < 0.2 ? this.#sequence() : null,
    }));
    if (this.#random() < 0.2) {
      const ofFlow = { isStep: true, isKept: true, isDraft: this.#random() < 0.6 };
      this.world.submit(this.#one(QUEUES), groups, undefined, ofFlow);
      return;
    }
    if (this.#random() < 0.35) groups.push({ ...groups[0], unique: this.#unique() } as (typeof groups)[0]);
    if (this.#random() < 0.4) groups.push({ ...groups[0], ...this.#after() } as (typeof groups)[0]);
    const queue = this.#one(QUEUES);
    const key = `k${this.#below(4)}`;
    if (this.#random() < 0.3 && !this.world.keys.has(`${queue}/${key}`))
      groups.push({ ...groups[0], count: 1, ...{ key } } as (typeof groups)[0]);
    this.world.submit(queue, groups, undefined, { needs: this.#someFeatures(0.2) });
  }

  /** Mostly after tasks that are there, finished or not; some were removed, or never were there. */
  #after(): Pick<TaskOptions, 'after' | 'afterMode'> {
    const known = [...this.world.batches.values()].flatMap(({ fact: { id }, count }) =>
      Array.from({ length: count }, (_, index) => taskId(id, index)),
    );
    const some = [...known.slice(-30), ...this.world.removed].filter(() => this.#random() < 0.1);
    const after = [...some, ...(this.#random() < 0.1 || some.length === 0 ? [this.#oddTask()] : [])];
    return { after, afterMode: this.#one(['succeeded', 'ended']) };
  }

  #oddTask(): string {
    return this.#one(['B00000.99', 'none.0', 'none', '', 'B00003.0', 'B00009.1']);
  }

  #limits(): string[] {
    return ['all', 'own/x', 'own/y', 'ten', 'nobody'].filter(() => this.#random() < 0.4);
  }

  #sequence() {
    return { key: `s${this.#below(2)}`, onFailure: this.#one(['continue', 'continue', 'block'] as const) };
  }

  #unique(): UniquePolicy {
    const mode = this.#one(['last', 'last', 'cancel', 'throttle', 'debounce'] as const);
    const quietMs = 1 + this.#below(300);
    return {
      ...{ key: `k${this.#below(3)}`, mode, forMs: null, trailing: this.#random() < 0.6 },
      everyMs: mode === 'throttle' ? 1 + this.#below(1_000) : null,
      quietMs: mode === 'debounce' ? quietMs : null,
      maxMs: mode === 'debounce' && this.#random() < 0.6 ? quietMs + this.#below(600) : null,
    };
  }

  /** A worker does what its assignment asks for. */
  #obey(): void {
    const { world } = this;
    for (const [id, { recall, cancel, exceeded, superseded, preempt, open }] of world.assignments) {
      const within = (ranges: readonly Range[]): number[] =>
        [...open].filter((index) => ranges.some(([from, to]) => index >= from && index < to));
      const cancelled = within(cancel);
      const late = within(exceeded);
      const lost = superseded
        .map(([index]) => index)
        .filter((index) => open.has(index) && !cancelled.includes(index) && !late.includes(index));
      const room = within(preempt).filter((index) => ![...cancelled, ...late, ...lost].includes(index));
      const asked = [...cancelled, ...late, ...lost, ...room];
      const others = [...open].filter((index) => !asked.includes(index));
      const returned = recall ? others.slice(1) : [];
      const ends = [
        ...cancelled.map((index): RangeEnd => ({ from: index, to: index + 1, outcome: 'cancelled' })),
        ...late.map((index): RangeEnd => ({ from: index, to: index + 1, outcome: 'exceeded' })),
        ...lost.map((index): RangeEnd => ({ from: index, to: index + 1, outcome: 'superseded' })),
        ...room.map((index): RangeEnd => ({ from: index, to: index + 1, outcome: 'preempted' })),
        ...returned.map((index): RangeEnd => ({ from: index, to: index + 1, outcome: 'returned' })),
      ];
      if (ends.length > 0) world.report(id, ends, ends.length === open.size);
    }
  }

  #endsOf(indexes: Iterable<number>): RangeEnd[] {
    const outcomes = OUTCOMES.filter(
      (outcome) => !['requeued', 'cancelled', 'lost', 'expired', 'exceeded', 'superseded', 'refused'].includes(outcome),
    );
    const usual = this.#random() < 0.6 ? 'succeeded' : null;
    return [...indexes].map((index) => {
      const outcome = usual ?? this.#one(outcomes);
      return {
        from: index,
        to: index + 1,
        outcome,
        ...(outcome === 'failed' ? { retryAfterMs: this.#below(500) } : {}),
      };
    });
  }

  /** In any order, some of them twice. */
  #someFeatures(chance: number): string[] {
    const some = [...FEATURES, ...FEATURES].filter(() => this.#random() < chance / 2);
    return this.#random() < 0.5 ? some : some.reverse();
  }

  #anyTask(): { batch: string; index: number } {
    const batches = [...this.world.batches.keys()];
    return { batch: batches.length === 0 ? 'none' : this.#one(batches), index: this.#below(8) };
  }

  #withWorker(act: (id: string, worker: { draining: boolean }) => void): void {
    const workers = [...this.world.workers];
    if (workers.length > 0) act(...this.#one(workers));
  }

  #withDraft(act: (id: string) => void): void {
    const drafts = [...this.world.batches].filter(([, { fact }]) => fact.isDraft === true);
    if (drafts.length > 0) act(this.#one(drafts)[0]);
  }

  #withStep(act: (id: string) => void): void {
    const steps = [...this.world.batches].filter(([, { fact }]) => fact.isKept === true);
    if (steps.length > 0) act(this.#one(steps)[0]);
  }

  #withAssignment(act: (id: string, assignment: WorldAssignment) => void): void {
    const held = [...this.world.assignments].filter(([, { fact }]) => this.world.workers.has(fact.worker));
    if (held.length > 0) act(...this.#one(held));
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #one<Item>(items: readonly Item[]): Item {
    const item = items[this.#below(items.length)];
    if (item === undefined) throw new Error('nothing to choose from');
    return item;
  }
}

export const anyHistory = fc.record({
  seed: fc.nat(),
  strategy: fc.constantFrom('random', 'round-robin', 'weighted', 'least-loaded'),
  aheadMs: fc.constantFrom(0, 20),
  steps: fc.array(fc.constantFrom(...STEPS), { maxLength: 150, size: 'max' }),
});
export type AnyHistory = typeof anyHistory extends fc.Arbitrary<infer Value> ? Value : never;

export function live({ seed, strategy, aheadMs, steps }: AnyHistory): History {
  const history = new History(seed, strategy, aheadMs);
  for (let workers = 0; workers < 3; workers++) history.join();
  for (const step of steps) history.step(step);
  return history;
}

/** The busiest queues and the types that nobody serves, added up anew. */
function checkViews({ planner, state }: World): void {
  checkCounts(state, planner);
  checkAccounts(state);
  const queues = [...state.queues.values()].map(({ name, pending, suspects, out }): [string, number] => [
    name,
    pending + suspects + out,
  ]);
  queues.sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  const shown = Object.entries(planner.queues().shown);
  const loads = shown.map(([name, { pending, out }]): [string, number] => [name, pending + out]);
  if (!isDeepStrictEqual(loads, queues)) throw new Error(`shows the queues as ${String(loads)}, not ${String(queues)}`);
  const pending = [...state.queues.values()].flatMap((queue) =>
    [...queue.subs()].flatMap((sub) => (sub.pending > 0 ? [sub.workClass] : [])),
  );
  const isServed = (workClass: WorkClass): boolean =>
    [...state.workers.all()].some((worker) => worker.isUsable && worker.mayRun(workClass));
  const types = pending.filter((workClass) => !isServed(workClass)).map(({ type }) => type);
  const unserved = [...new Set(types)].sort();
  const told = planner.unservedTypes().shown;
  if (!isDeepStrictEqual(told, unserved)) throw new Error(`shows ${String(told)} as unserved, not ${String(unserved)}`);
}

/** The amounts that each account holds, from the assignments that there are. */
function checkAccounts({ accounts, assignments, workers }: World['state']): void {
  if (accounts.isAlone) return;
  const out = new Map<string, number>();
  const claimed = new Map<string, number>();
  for (const { sub, open, width } of assignments.all()) {
    const { name } = sub.queue.account;
    if (width === null) out.set(name, (out.get(name) ?? 0) + open);
    else claimed.set(name, (claimed.get(name) ?? 0) + 1_000 * Math.min(open, width));
  }
  let slots = 0;
  for (const account of accounts.all()) {
    const { name, plainOut, plainSlots, share, isBelow, spec } = account;
    slots += plainSlots;
    if (plainOut !== (out.get(name) ?? 0)) throw new Error(`${name} has ${out.get(name) ?? 0} out, not ${plainOut}`);
    const held = account.heldOf('slots');
    const expected = plainSlots + (claimed.get(name) ?? 0);
    if (held !== expected) throw new Error(`${name} holds ${expected}, not ${held}`);
    const total = accounts.totals.of('slots');
    const shareOf = total > 0 ? held / total / spec.weight : 0;
    if (share !== shareOf) throw new Error(`the share of ${name} is ${shareOf}, not ${share}`);
    if (isBelow && held >= (spec.guarantee.slots ?? 0)) throw new Error(`${name} is not below its guarantee`);
  }
  let busy = 0;
  for (const worker of workers.all()) busy += Math.min(worker.capacity, worker.out) * 1_000;
  if (slots > busy + 10) throw new Error(`${slots} are held of ${busy}`);
}

/** The counters of each queue, and whose task has waited longest, from the places of all tasks. */
function checkCounts(state: World['state'], planner: World['planner']): void {
  const counts = new Map<string, { scheduled: number; pending: number; out: number; retrying: number }>();
  const oldest = new Map<string, number>();
  for (const batch of state.batches.values())
    for (let index = 0; index < batch.count; index++) {
      const place = batch.place(index);
      if (batch.finished !== null || isFinalPlace(place)) continue;
      const { queueName: name } = batch;
      const queue = counts.get(name) ?? { scheduled: 0, pending: 0, out: 0, retrying: 0 };
      counts.set(name, queue);
      if (place === PLACE.out) queue.out++;
      else if (place === PLACE.retrying) queue.retrying++;
      else if (place === PLACE.fresh && !batch.runAt(index).due) queue.scheduled++;
      else {
        queue.pending++;
        oldest.set(name, Math.min(oldest.get(name) ?? Infinity, batch.waitsSince(index)));
      }
    }
  const none = { scheduled: 0, pending: 0, out: 0, retrying: 0 };
  for (const told of planner.queueCounts(null, Infinity)) {
    const expected = { ...(counts.get(told.name) ?? none), oldestDueAt: oldest.get(told.name) ?? null };
    const { scheduled, pending, out, retrying, oldestDueAt } = told;
    const found = { scheduled, pending, out, retrying, oldestDueAt };
    if (!isDeepStrictEqual(found, expected))
      throw new Error(`counts ${told.name} as ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`);
  }
  const all = oldest.size === 0 ? null : Math.min(...oldest.values());
  if (planner.oldestDueAt() !== all) throw new Error(`says ${planner.oldestDueAt()} is the oldest, not ${all}`);
}
