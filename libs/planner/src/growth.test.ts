import { randomUUID } from 'node:crypto';
import { DEFAULT_TASK_OPTIONS, type LimitSpec, type TaskOptions } from '@drover/core';
import { strategyNamed, type Strategy } from '@drover/strategies';
import test from 'ava';
import { assigned, decide, decideAll, spent, world } from '../test/decide.js';
import type { World } from '../test/world.js';
import { Heap } from './collections.js';
import { Planner } from './planner.js';
import { DEFAULT_PLANNER_SETTINGS, REMEMBERED_MS, SHOWN_WORKERS } from './settings.js';

/** A strategy that counts what it is asked, and what of it was handed out. */
function counting(name: string): Strategy & { calls: number; candidates: number } {
  const strategy = strategyNamed(name);
  return {
    name,
    takesAny: strategy.takesAny === true,
    calls: 0,
    candidates: 0,
    distribute(count, candidates, random) {
      this.calls++;
      this.candidates += candidates.length;
      return strategy.distribute(count, candidates, random);
    },
  };
}

/** Runs all; every worker reports what it has after each plan. Returns the number of assignments. */
function drain(w: World): number {
  let made = 0;
  for (let commands = decideAll(w); commands.length > 0; commands = decideAll(w)) {
    w.now += 2;
    for (const { id } of assigned(commands)) {
      made++;
      w.report(id, 'all', true, spent(0.1));
    }
  }
  return made;
}

for (const [queues, workers] of [
  [2_000, 1],
  [2_000, 8],
] as const)
  test(`one task in each of ${queues} queues and ${workers} worker(s): no more is looked at than is handed out`, (t) => {
    const strategy = counting('least-loaded');
    const w = world(strategy);
    for (let n = 0; n < queues; n++) w.submit(`q${n}`, [{ count: 1 }]);
    for (let n = 0; n < workers; n++) w.join(`w${n}`, { capacity: 8 });
    const made = drain(w);
    t.is(made, queues);
    t.true(strategy.calls <= 2.5 * made, `${strategy.calls} questions for ${made} assignments`);
  });

test('tenants who contend for a worker take turns of several milliseconds: few assignments carry short tasks', (t) => {
  const made = (tenants: number): number => {
    const w = world();
    for (let n = 0; n < 60; n++) w.submit('q', [{ count: 500, tenant: `t${n % tenants}` }]);
    w.join('w', { capacity: 64 });
    let assignments = 0;
    for (let commands = decideAll(w); commands.length > 0; commands = decideAll(w)) {
      w.now += 2;
      for (const { id, tasks } of assigned(commands)) {
        assignments++;
        const count = tasks.reduce((sum, [from, to]) => sum + to - from, 0);
        w.report(id, 'all', true, spent(0.02 * count));
      }
    }
    return assignments;
  };
  const alone = made(1);
  const contended = made(30);
  t.true(contended <= 5 * alone, `${contended} assignments, and ${alone} of a tenant alone`);
});

/** How often a heap had to look for the place of an item while `work` ran. */
function movesIn(work: () => void): number {
  const { add, remove, moved } = Heap.prototype;
  let moves = 0;
  try {
    Heap.prototype.add = function (item) {
      moves++;
      add.call(this, item);
    };
    Heap.prototype.remove = function (item) {
      moves++;
      remove.call(this, item);
    };
    Heap.prototype.moved = function (item) {
      moves++;
      moved.call(this, item);
    };
    work();
  } finally {
    Object.assign(Heap.prototype, { add, remove, moved });
  }
  return moves;
}

/** A planner without the checks of `World`, whose workers report all that they are given at once. Returns what it cost. */
function cost(
  names: number,
  queueOf: (n: number) => string,
  typeOf: (n: number) => string,
  workers: readonly string[][],
  optionsOf: (n: number) => Partial<TaskOptions> = () => ({}),
  limits: Readonly<Record<string, LimitSpec>> = {},
) {
  const strategy = counting('least-loaded');
  const planner = new Planner({
    strategy,
    settings: DEFAULT_PLANNER_SETTINGS,
    assignmentId: (batch, n) => `${batch}.e1-${n}`,
  });
  for (const [name, spec] of Object.entries(limits)) planner.limit(name, spec);
  for (let n = 0; n < names; n++) {
    const group = { ...DEFAULT_TASK_OPTIONS, ...optionsOf(n), type: typeOf(n), count: 1 };
    planner.batch({ id: `B${n}`, queue: queueOf(n), groups: [group], submittedAt: 0, bytes: 0 });
  }
  const shown = [planner.queues(100), planner.unservedTypes(100)] as const;
  workers.forEach((types, n) => {
    planner.worker({ id: `w${n}`, capacity: 8, weight: 1, types, draining: false });
  });
  let now = 1;
  let plans = 0;
  const moves = movesIn(() => {
    for (
      let commands = planner.plan(now, () => 0.5);
      planner.load().tasks > 0;
      commands = planner.plan(now, () => 0.5)
    ) {
      plans++;
      now = commands.length > 0 ? now + 2 : Math.max(now + 2, planner.nextDueAt() ?? 0);
      for (const { id, batch, attempt } of assigned(commands))
        planner.result({ batch, assignment: id, ends: 'all', attempt, at: now, last: true, spent: spent(0.1) });
    }
  });
  return { succeeded: planner.tally().succeeded, calls: strategy.calls, moves, plans, shown };
}

const NAMES = 20_000;
const typesOf = (worker: number): string[] => Array.from({ length: NAMES / 8 }, (_, n) => `type${8 * n + worker}`);

for (const [what, queueOf, typeOf, workers] of [
  ['queues', (n: number) => `queue${n}`, () => 't', Array.from({ length: 1 }, () => ['t'])],
  ['queues with UUIDs for names', () => randomUUID(), () => 't', Array.from({ length: 8 }, () => ['t'])],
  [
    'types over eight workers',
    () => 'q',
    (n: number) => `type${n}`,
    Array.from({ length: 8 }, (_, worker) => typesOf(worker)),
  ],
] as const)
  test(`a task in each of ${NAMES} ${what}: the work is proportional to what is handed out`, (t) => {
    const { succeeded, calls, moves, shown } = cost(NAMES, queueOf, typeOf, workers);
    t.is(succeeded, NAMES);
    t.true(calls <= 2.5 * NAMES, `${calls} questions`);
    t.true(moves <= 20 * NAMES, `${moves} moves in heaps`);
    const [queues, types] = shown;
    t.deepEqual(
      [queues.leftOut + Object.keys(queues.shown).length, types.leftOut + types.shown.length],
      [what.startsWith('queues') ? NAMES : 1, what.startsWith('queues') ? 1 : NAMES],
    );
    t.true(Object.keys(queues.shown).length <= 100 && types.shown.length <= 100);
  });

for (const [what, optionsOf] of [
  ['tenants', (n: number) => ({ tenant: `t${n}` })],
  ['tenants, each with a few priorities', (n: number) => ({ tenant: `t${n % 1_000}`, priority: (n % 5) - 2 })],
  ['priorities of one tenant', (n: number) => ({ priority: (n % 19) - 9 })],
] as const)
  test(`${what}, ${NAMES} tasks of as many types over eight workers: the work is proportional to what is handed out`, (t) => {
    const workers = Array.from({ length: 8 }, (_, worker) => typesOf(worker));
    const { succeeded, calls, moves } = cost(
      NAMES,
      () => 'q',
      (n) => `type${n}`,
      workers,
      optionsOf,
    );
    t.is(succeeded, NAMES);
    t.true(calls <= 2.5 * NAMES, `${calls} questions`);
    t.true(moves <= 40 * NAMES, `${moves} moves in heaps`);
  });

const one: LimitSpec = { concurrency: 1, rate: null, on: null, per: 'key' };
const KEYS = 4_000;
for (const [what, optionsOf, limits] of [
  ['each of 4,000 keys has two tasks', (n: number) => ({ limits: [`l/${n % KEYS}`] }), { l: one }],
  [
    'each of 4,000 keys has a rate',
    (n: number) => ({ limits: [`l/${n % KEYS}`] }),
    { l: { ...one, rate: { limit: 1, periodMs: 50, burst: 1 } } },
  ],
  [
    '4,000 tenants want the same key',
    (n: number) => ({ tenant: `t${n % KEYS}`, limits: ['l/k'] }),
    { l: { ...one, concurrency: 8 } },
  ],
  [
    '4,000 tenants are under one limit',
    (n: number) => ({ tenant: `t${n % KEYS}` }),
    { l: { ...one, concurrency: 8, on: {}, per: 'all' } },
  ],
  [
    'each of 4,000 tenants has a limit',
    (n: number) => ({ tenant: `t${n % KEYS}` }),
    { l: { ...one, on: {}, per: 'tenant' } },
  ],
  [
    'tasks of 4,000 keys want a common one',
    (n: number) => ({ limits: ['a', `l/${n % KEYS}`] }),
    { a: { ...one, concurrency: 4, per: 'all' }, l: one },
  ],
  [
    'tasks of 4,000 keys want another key, too',
    (n: number) => ({ limits: [`l/${n % KEYS}`, 'm/k'] }),
    { l: one, m: { ...one, concurrency: 4 } },
  ],
  ['4,000 sequences', (n: number) => ({ sequence: { key: `${n % KEYS}`, onFailure: 'continue' } as const }), {}],
] as const)
  test(`${what}: the work is proportional to what is handed out`, (t) => {
    const tasks = 2 * KEYS;
    const { succeeded, calls, moves } = cost(
      tasks,
      () => 'q',
      () => 't',
      Array.from({ length: 8 }, () => ['t']),
      optionsOf,
      limits,
    );
    t.is(succeeded, tasks);
    t.true(calls <= 3 * tasks, `${calls} questions`);
    t.true(moves <= 40 * tasks, `${moves} moves in heaps`);
  });

test(`a task of each of ${NAMES} tenants: the work is proportional to what is handed out`, (t) => {
  const workers = Array.from({ length: 8 }, () => ['t']);
  const { succeeded, calls, moves } = cost(
    NAMES,
    () => 'q',
    () => 't',
    workers,
    (n) => ({ tenant: `t${n}` }),
  );
  t.is(succeeded, NAMES);
  t.true(calls <= 2.5 * NAMES, `${calls} questions`);
  t.true(moves <= 20 * NAMES, `${moves} moves in heaps`);
});

test('to show the busiest of very many queues, and unserved types, costs what has changed and what is shown', (t) => {
  const w = world();
  for (let n = 0; n < 20_000; n++) w.submit(`q${n}`, [{ count: 1, type: n % 2 === 0 ? 't' : `nobody${n}` }]);
  w.join('a', { capacity: 4, types: ['t'] });
  decideAll(w);
  const look = () => [w.planner.queues(100), w.planner.unservedTypes(100)] as const;
  t.deepEqual([look()[0].leftOut, look()[1].leftOut], [19_900, 9_900]);
  for (let round = 0; round < 10; round++) {
    const [id = ''] = w.assignments.keys();
    w.report(id, 'all', true);
    decide(w);
    const moves = movesIn(look);
    t.true(moves <= 1_000, `${moves} moves in heaps`);
  }
});

test('a backlog of many queues whose workers are full costs a plan nothing', (t) => {
  const w = world();
  for (let n = 0; n < 2_000; n++) w.submit(`q${n}`, [{ count: 1, type: n % 2 === 0 ? 't' : 'u' }]);
  w.join('a', { capacity: 4 });
  decideAll(w);
  const moves = movesIn(() => {
    for (let round = 0; round < 50; round++) {
      w.now += 10;
      const [id = ''] = w.assignments.keys();
      w.report(id, 'all', true);
      t.true(assigned(decide(w)).length > 0);
    }
  });
  t.true(moves <= 50 * 30, `${moves} moves in heaps`);
});

test('where very many workers have room, a strategy that takes any is shown some of them', (t) => {
  const workers = 2_000;
  for (const name of ['least-loaded', 'round-robin', 'random']) {
    const strategy = counting(name);
    const w = world(strategy);
    for (let n = 0; n < workers; n++) w.join(`w${n}`, { capacity: 2 });
    w.submit('q', [{ count: 1 }]);
    for (const { id } of assigned(decide(w))) w.report(id, 'all', true, spent(1_000));
    for (let n = 0; n < workers; n++) w.submit(`q${n}`, [{ count: 1 }]);
    decideAll(w);
    t.is(w.planner.tally().pending, 0);
    t.true(strategy.candidates <= 20 * workers + 2 * SHOWN_WORKERS, `${name}: ${strategy.candidates} shown`);
    const idle = [...w.workers.keys()].filter((id) => w.out(id) === 0);
    t.true(idle.length < workers / 2, `${name}: ${idle.length} of ${workers} are idle`);
  }
});

test('what a term has seen is forgotten: names of queues and types, priorities, paces', (t) => {
  const w = world('round-robin', { retainTasks: 0, retainDeadTasks: 0, retainAtLeastMs: 0 });
  const types = Array.from({ length: 50 }, (_, n) => `t${n}`);
  w.join('a', { capacity: 4, types });
  w.join('b', { capacity: 4, types: types.slice(0, 25) });
  for (let n = 0; n < 200; n++) {
    w.configure(`q${n}`, { priority: n % 7 });
    w.submit(`q${n % 150}`, [
      { count: 1, type: types[n % 50] ?? '', tenant: n % 3 === 0 ? '' : `t${n}`, priority: n % 4 },
    ]);
    w.planner.queue(`q${n}`, null);
  }
  drain(w);
  for (let hours = 0; hours < 3; hours++) {
    w.now += REMEMBERED_MS;
    for (let n = 0; n < 200; n++) w.planner.queue(`q${n}`, null);
    decideAll(w);
  }
  const { state } = w;
  t.deepEqual(
    {
      queues: state.queues.size,
      batchesOf: state.batchesOf.size,
      batches: state.batches.size,
      classes: state.classes.size,
      priorities: state.contest.size,
      paces: state.speeds.size,
      atWorkers: [...state.workers.all()].reduce((sum, worker) => sum + worker.remembered, 0),
      due: state.due.nextAt,
    },
    { queues: 0, batchesOf: 0, batches: 0, classes: 0, priorities: 0, paces: 0, atWorkers: 0, due: null },
  );
});

test('a type that runs for hours is not forgotten meanwhile', (t) => {
  const w = world();
  w.join('a', { capacity: 2 });
  w.submit('q', [{ count: 2 }]);
  decideAll(w);
  for (let hours = 0; hours < 5; hours++) {
    w.now += REMEMBERED_MS;
    decideAll(w);
  }
  for (const id of [...w.assignments.keys()]) w.reportRest(id);
  w.submit('q', [{ count: 5 }]);
  t.true(assigned(decide(w)).length > 0);
  t.true(w.out('a') >= 2);
});
