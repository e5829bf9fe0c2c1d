import test from 'ava';
import type { After, MapStep, Plan, Step } from '../src/index.js';
import { World } from './world.js';

const plan = (steps: Plan['steps'], more: Partial<Plan> = {}): Plan => ({ v: 1, name: 'words', steps, ...more });
const on = (...steps: string[]): After => ({ all: steps.map((step) => ({ step })) });
const map = (items: MapStep['items'], more: object = {}): Step => ({ kind: 'map', type: 'count', items, ...more });
const reduce = (over: string, arity: number): Step => ({ kind: 'reduce', type: 'merge', over, arity, after: on(over) });
const kinds = (world: World) => world.last.map(({ kind }) => kind);

test('given items: the drafts are handed out when the map begins; the reduce is a tree over them', (t) => {
  const world = new World();
  const steps = {
    parse: map({ given: true }),
    merge: reduce('parse', 2),
    tell: { kind: 'task', type: 'tell', input: { $step: 'merge', at: [] }, after: on('merge') } as const,
  };
  const flow = world.start(plan(steps, { output: { $step: 'merge', at: [] } }), 1, { maps: [['parse', 0, 3]] });
  world.turn();
  t.deepEqual(kinds(world), ['activate']);
  const [draft] = world.task(flow, 'parse#0');
  for (const item of [2, 0, 1]) world.end(...world.task(flow, `parse#${item}`));
  world.turn();
  const [batch] = world.task(flow, 'merge#0');
  t.deepEqual(world.batches.get(batch)?.of, [
    { flow, plan: 'h0', step: 'merge', runs: [0, 1], items: [0, 2], total: 3, reads: [['parse', 0, draft, 0, 3]] },
  ]);
  world.finish(flow, 'merge#0');
  world.finish(flow, 'merge#1');
  const [root] = world.task(flow, 'merge#2');
  t.deepEqual(world.batches.get(root)?.of?.[0]?.reads, [['merge', 0, batch, 0, 2]]);
  world.finish(flow, 'merge#2');
  t.deepEqual(world.batches.get(world.task(flow, 'tell')[0])?.of?.[0]?.reads, [['merge', 0, root, 0, 1]]);
  world.finish(flow, 'tell');
  t.is(world.view(flow).state, 'succeeded');
  t.deepEqual(world.view(flow).output, [['merge', 0, root, 0, 1]]);
});

test('a map without items succeeds at once, and its reducer runs once', (t) => {
  const world = new World();
  const flow = world.start(plan({ parse: map({ given: true }), merge: reduce('parse', 500) }));
  world.turn();
  world.finish(flow, 'merge#0');
  t.is(world.states(flow), 'parse succeeded, merge succeeded');
});

for (const [name, items] of [
  ['given', { given: true }],
  ['found', { step: 'list' }],
] as const)
  test(`an empty map of ${name} items has succeeded under the next leader too, whatever the run was halted by since: a retry starts the same steps`, (t) => {
    const world = new World();
    const list = { kind: 'task', type: 'list', input: null, expand: 'parse' } as const;
    const last = { kind: 'task', type: 'tidy', input: null, finally: true, after: on('parse') } as const;
    const work = { kind: 'task', type: 'work', input: null } as const;
    const parse = map(items, name === 'found' ? { after: on('list') } : {});
    const flow = world.start(plan({ ...(name === 'found' ? { list } : {}), parse, work, last }));
    world.turn();
    if (name === 'found') world.finish(flow, 'list', 'succeeded', { report: (at) => ({ expanded: [[at, 0]] }) });
    world.book.cancel([{ flow, run: 0 }], {}, world.now);
    world.settle();
    world.finish(flow, 'last');
    world.settle();
    t.is(world.view(flow).state, 'cancelled');
    const before = world.states(flow);
    world.takeOver();
    t.is(world.states(flow), before);
    const [answer] = world.book.retry([{ flow, run: 0 }], {}, world.now);
    t.deepEqual(answer, { ok: true, generation: 1, steps: ['work'] });
    world.settle();
    t.deepEqual(world.twice, []);
  });

test('an empty map ends alike before and after a cancel: nothing would tell a new leader which it was', (t) => {
  const world = new World();
  const first = { kind: 'task', type: 'first', input: null } as const;
  const flow = world.start(
    plan({ first, parse: map({ given: true }, { after: { all: [{ step: 'first', on: 'ended' }] } }) }),
  );
  world.turn();
  world.book.cancel([{ flow, run: 0 }], {}, world.now);
  world.settle();
  t.is(world.states(flow), 'first cancelled, parse succeeded');
  t.is(world.view(flow).state, 'cancelled');
});

test('a reduce over a map that was skipped runs once, with no results, whatever was given for it', (t) => {
  const world = new World();
  const flow = world.start(
    plan({
      ask: { kind: 'task', type: 'ask', input: null },
      parse: map({ given: true }, { after: { all: [{ step: 'ask', on: 'failed' }] } }),
      merge: { ...reduce('parse', 2), after: { all: [{ step: 'parse', on: 'ended' }] } },
    }),
    1,
    { maps: [['parse', 0, 6]] },
  );
  world.turn();
  world.finish(flow, 'ask');
  t.is(world.states(flow), 'ask succeeded, parse skipped, merge running');
  t.like(
    world.last.find(({ kind }) => kind === 'start'),
    { batch: { of: [{ items: [0, 1], total: 0, reads: [] }] } },
  );
  world.takeOver();
  world.settle();
  world.finish(flow, 'merge#0');
  t.is(world.view(flow).state, 'succeeded');
});

test('a map that is retried does not begin when its run is cancelled before its turn', (t) => {
  const world = new World();
  const steps = {
    ask: { kind: 'task', type: 'ask', input: null } as const,
    parse: map({ given: true }, { after: { all: [{ step: 'ask', on: 'ended' }] } }),
  };
  const flow = world.start(plan(steps), 1, { maps: [['parse', 0, 2]] });
  world.turn();
  world.finish(flow, 'ask');
  for (const item of [0, 1]) world.end(...world.task(flow, `parse#${item}`));
  world.turn();
  world.book.retry([{ flow, run: 0 }], { from: 'ask' }, world.now);
  world.turn();
  world.book.cancel([{ flow, run: 0 }], {}, world.now);
  world.turn();
  world.turn();
  t.deepEqual(kinds(world), ['note', 'finish']);
  t.is(world.states(flow), 'ask cancelled, parse cancelled');
});

test('found items: the drafts of the accepted report are the items, those of other attempts are removed', (t) => {
  const world = new World();
  const list: Step = { kind: 'task', type: 'list', input: null, expand: 'parse' };
  const flow = world.start(plan({ list, parse: map({ step: 'list' }, { after: on('list') }) }));
  world.turn();
  const lost = world.addDraft({ flow, run: 0, step: 'parse', from: 0, by: 'a-1' }, 2);
  const kept = world.addDraft({ flow, run: 0, step: 'parse', from: 0, by: 'a-2' }, 2);
  world.turn();
  t.deepEqual(kinds(world), []);
  world.finish(flow, 'list', 'succeeded', { report: (index) => ({ expanded: [[index, 3]] }), by: 'a-2' });
  t.deepEqual(world.last, [
    { kind: 'activate', batch: kept },
    { kind: 'discard', batch: lost },
  ]);
  world.end(kept, 0);
  world.end(kept, 1);
  world.turn();
  t.is(world.states(flow), 'list succeeded, parse running');
  const late = world.addDraft({ flow, run: 0, step: 'parse', from: 2, by: 'a-2' }, 1);
  world.turn();
  t.deepEqual(world.last, [{ kind: 'activate', batch: late }]);
  world.end(late, 0);
  world.turn();
  t.is(world.view(flow).state, 'succeeded');
});

test('the drafts of a list whose task failed are removed, and the map is skipped', (t) => {
  const world = new World();
  const list: Step = { kind: 'task', type: 'list', input: null, expand: 'parse' };
  const flow = world.start(plan({ list, parse: map({ step: 'list' }, { after: on('list') }) }));
  world.turn();
  const draft = world.addDraft({ flow, run: 0, step: 'parse', from: 0, by: 'a-1' }, 2);
  world.finish(flow, 'list', 'failed');
  t.true(world.removed.includes(draft));
  t.is(world.states(flow), 'list failed, parse skipped');
});

for (const [tolerate, failing, state] of [
  [{ items: 1 }, 1, 'succeeded'],
  [{ items: 1 }, 2, 'failed'],
  [{ percent: 10 }, 10, 'succeeded'],
  [{ percent: 10 }, 11, 'failed'],
  [undefined, 1, 'failed'],
] as const)
  test(`a map of 100 items that tolerates ${JSON.stringify(tolerate ?? null)}, and ${failing} fail`, (t) => {
    const world = new World();
    const flow = world.start(plan({ parse: map({ given: true }, tolerate === undefined ? {} : { tolerate }) }), 1, {
      maps: [['parse', 0, 100]],
    });
    world.turn();
    for (let item = 0; item < failing; item++) world.finish(flow, `parse#${item}`, 'failed');
    const cancelled = world.last.flatMap((each) => (each.kind === 'cancel' ? each.tasks : []));
    t.is(cancelled.length, state === 'failed' ? 100 - failing : 0);
    if (state === 'succeeded')
      for (let item = failing; item < 100; item++) world.end(...world.task(flow, `parse#${item}`));
    world.settle();
    t.is(world.view(flow).steps.parse?.state, state);
    t.is(world.view(flow).steps.parse?.failed, failing);
  });

test('the concurrency of a map is a limit of the leader, while its plan is used', (t) => {
  const world = new World({ retainMs: 0, retainTasks: 0 });
  const flow = world.start(plan({ parse: map({ given: true }, { concurrency: 5 }) }), 1, { maps: [['parse', 0, 1]] });
  world.turn();
  t.deepEqual([...world.limits], [['~h0.parse', 5]]);
  world.finish(flow, 'parse#0');
  world.settle();
  world.now += 600_000;
  world.settle();
  t.deepEqual([...world.limits], [['~h0.parse', null]]);
  t.is(world.plans.size, 0);
  t.is(world.flows.size, 0);
  t.is(world.batches.size, 0);
});

test('the results of a map with more places than a header has room for cannot be read by one task', (t) => {
  const world = new World();
  const all: Step = { kind: 'task', type: 'all', input: { $items: 'parse' }, after: on('parse') };
  const flow = world.start(
    plan({
      parse: map({ step: 'list' }, { after: on('list') }),
      list: { kind: 'task', type: 'list', input: null, expand: 'parse' },
      all,
    }),
  );
  world.turn();
  const drafts = Array.from({ length: 5_000 }, (_, from) =>
    world.addDraft({ flow, run: 0, step: 'parse', from, by: 'a-1' }, 1),
  );
  world.finish(flow, 'list', 'succeeded', { report: (index) => ({ expanded: [[index, drafts.length]] }), by: 'a-1' });
  for (const draft of drafts) world.end(draft, 0);
  world.settle();
  t.is(world.view(flow).steps.all?.state, 'failed');
  t.regex(world.view(flow).steps.all?.reason ?? '', /do not fit the header of a batch .*reduce the map/);
});

test('a million items and their reduce: batches of 500 tasks, headers of 200 KB at most', (t) => {
  const world = new World();
  const flow = world.start(plan({ parse: map({ given: true }), merge: reduce('parse', 500) }), 1, { maps: [] });
  t.teardown(() => world.batches.clear());
  const big = world.start(plan({ parse: map({ given: true }), merge: reduce('parse', 500) }), 1, {
    maps: [['parse', 0, 10]],
  });
  t.not(flow, big);
  const items = 200_000;
  const list: Step = { kind: 'task', type: 'list', input: null, expand: 'parse' };
  const found = world.start(
    plan({ list, parse: map({ step: 'list' }, { after: on('list') }), merge: reduce('parse', 100) }),
  );
  world.turn();
  const drafts = Array.from({ length: items / 500 }, (_, chunk) =>
    world.addDraft({ flow: found, run: 0, step: 'parse', from: chunk * 500, by: 'a-1' }, 500),
  );
  world.finish(found, 'list', 'succeeded', { report: (index) => ({ expanded: [[index, items]] }), by: 'a-1' });
  for (const draft of drafts) for (let index = 0; index < 500; index++) world.end(draft, index);
  world.turn();
  const started = world.last.flatMap((each) => (each.kind === 'start' ? [each.batch] : []));
  t.is(
    started.reduce((sum, { groups }) => sum + groups.reduce((count, group) => count + group.count, 0), 0),
    items / 100,
  );
  for (const { of } of started) t.true(JSON.stringify(of).length <= 200 * 1024);
});

test('drafts of a flow that comes late are kept for ten minutes after the newest, and then removed, the first one first', (t) => {
  const world = new World();
  const flow = world.id();
  const first = world.addDraft({ flow, run: 0, step: 'parse', from: 0 }, 3);
  world.turn(500_000);
  const second = world.addDraft({ flow, run: 0, step: 'parse', from: 3 }, 3);
  t.deepEqual(world.turn(1_099_000), []);
  world.takeOver();
  t.deepEqual(world.turn(1_099_999), []);
  t.deepEqual(world.turn(1_100_000), [
    { kind: 'discard', batch: first },
    { kind: 'discard', batch: second },
  ]);
});

test('a draft that is older than it can be, as ZooKeeper’s clock was set back, is kept for ten minutes', (t) => {
  const world = new World();
  world.turn(3_600_000);
  world.now = 0;
  const draft = world.addDraft({ flow: world.id(), run: 0, step: 'parse', from: 0 }, 3);
  t.deepEqual(world.turn(4_199_999), []);
  t.deepEqual(world.turn(4_200_000), [{ kind: 'discard', batch: draft }]);
});

test('drafts of a flow that never comes are removed after ten minutes', (t) => {
  const world = new World();
  const draft = world.addDraft({ flow: '01ZZZZZZZZZZZZZZZZZZZZZZZZ', run: 0, step: 'parse', from: 0 }, 5);
  t.deepEqual(world.turn(600_999), []);
  t.deepEqual(world.turn(601_000), [{ kind: 'discard', batch: draft }]);
});

test('a group: items are added while it is open; what was created after the close is none of it', (t) => {
  const world = new World();
  const flow = world.start(
    plan({
      all: map({ open: true }),
      end: { kind: 'task', type: 'end', input: { $items: 'all' }, after: { all: [{ step: 'all', on: 'ended' }] } },
    }),
  );
  const second = world.addDraft({ flow, run: 0, step: 'all', from: 0 }, 1, '01BBBBBBBBBBBBBBBBBBBBBBBB');
  const first = world.addDraft({ flow, run: 0, step: 'all', from: 0 }, 2, '01AAAAAAAAAAAAAAAAAAAAAAAA');
  world.turn();
  t.deepEqual(world.last, [
    { kind: 'activate', batch: second },
    { kind: 'activate', batch: first },
  ]);
  world.end(first, 0);
  world.end(first, 1, 'failed');
  t.deepEqual(world.book.close({ flow, run: 0 }, world.now), { ok: true, items: 3, repeated: false });
  world.turn();
  const late = world.addDraft({ flow, run: 0, step: 'all', from: 0 }, 1);
  world.turn();
  t.deepEqual(world.last, [{ kind: 'discard', batch: late }]);
  world.end(second, 0);
  world.turn();
  t.is(world.states(flow), 'all failed, end running');
  t.deepEqual(world.batches.get(world.task(flow, 'end')[0])?.of?.[0]?.reads, [
    ['all', 0, first, 0, 2],
    ['all', 2, second, 0, 1],
  ]);
});

test('the first failure in a group starts what waits for it, once, whoever leads and however many fail', (t) => {
  const world = new World();
  const flow = world.start(
    plan({
      all: map({ open: true }),
      alarm: { kind: 'task', type: 'x', input: null, after: { all: [{ step: 'all', on: 'failed', early: true }] } },
    }),
  );
  const batch = world.addDraft({ flow, run: 0, step: 'all', from: 0 }, 3);
  world.turn();
  world.end(batch, 0, 'failed');
  // The leader dies before it has started anything for it.
  world.takeOver();
  world.turn();
  t.is(world.states(flow), 'all running, alarm running');
  world.end(...world.task(flow, 'alarm'));
  world.takeOver();
  world.end(batch, 1, 'failed');
  world.turn();
  world.book.close({ flow, run: 0 }, world.now);
  world.turn();
  world.end(batch, 2);
  world.settle();
  t.is(world.states(flow), 'all failed, alarm succeeded');
  t.deepEqual(world.twice, []);
});

for (const [who, takesOver] of [
  ['the leader that was asked', false],
  ['the next one', true],
] as const)
  test(`a group that is cancelled takes no more tasks, and ends when those that it has have ended: ${who}`, (t) => {
    const world = new World();
    const flow = world.start(plan({ all: map({ open: true }) }));
    const batch = world.addDraft({ flow, run: 0, step: 'all', from: 0 }, 3);
    world.turn();
    world.end(batch, 0);
    world.book.cancel([{ flow, run: 0 }], {}, world.now);
    world.turn();
    if (takesOver) world.takeOver();
    world.turn();
    const late = world.addDraft({ flow, run: 0, step: 'all', from: 0 }, 1);
    world.turn();
    t.deepEqual(world.last, [{ kind: 'discard', batch: late }]);
    world.settle();
    t.is(world.states(flow), 'all cancelled');
    t.is(world.view(flow).state, 'cancelled');
  });

test('a cancelled group that has ended is retried alike, whoever leads: its items run again, and it ends by itself', (t) => {
  for (const takesOver of [[], ['ended'], ['retried'], ['ended', 'retried']]) {
    const world = new World();
    const flow = world.start(plan({ all: map({ open: true }) }));
    const batch = world.addDraft({ flow, run: 0, step: 'all', from: 0 }, 2);
    world.turn();
    world.end(batch, 0);
    world.book.cancel([{ flow, run: 0 }], {}, world.now);
    world.settle();
    if (takesOver.includes('ended')) world.takeOver();
    t.is(world.states(flow), 'all cancelled', takesOver.join());
    t.like(world.book.retry([{ flow, run: 0 }], {}, world.now), [{ ok: true }]);
    world.turn();
    if (takesOver.includes('retried')) world.takeOver();
    world.turn();
    const [, again = ''] = world.view(flow).steps.all?.tasks ?? [];
    const [id = '', index] = again.split('.');
    world.end(id, Number(index));
    world.settle();
    t.is(world.states(flow), 'all succeeded', takesOver.join());
  }
});

test('an empty group has succeeded when it is closed, and is cancelled at once', (t) => {
  const cancelled = new World();
  const open = cancelled.start(plan({ all: map({ open: true }) }));
  cancelled.turn();
  cancelled.book.cancel([{ flow: open, run: 0 }], {}, cancelled.now);
  cancelled.settle();
  t.is(cancelled.view(open).state, 'cancelled');

  const world = new World();
  const flow = world.start(plan({ all: map({ open: true }) }));
  world.turn();
  world.book.close({ flow, run: 0 }, world.now);
  world.settle();
  t.is(world.view(flow).state, 'succeeded');
  t.like(world.book.close({ flow, run: 0 }, world.now), { ok: true, repeated: true });
});

test('tasks of a step are listed by item, those in a state alone where one asks so, page by page', (t) => {
  const world = new World();
  const steps = { parse: map({ given: true }, { tolerate: { items: 2 } }), merge: reduce('parse', 500) };
  const flow = world.start(plan(steps), 1, { maps: [['parse', 0, 3]] });
  world.turn();
  world.finish(flow, 'parse#1', 'failed');
  const tasks = (step: string, filter: object = {}) =>
    world.book.tasksOf({ flow, run: 0 }, step, { limit: 2, ...filter });
  t.deepEqual(
    tasks('parse')?.tasks.map(({ index }) => index),
    [0, 1],
  );
  t.is(tasks('parse')?.next, 2);
  t.deepEqual(tasks('parse', { from: 2 }), {
    tasks: [{ id: tasks('parse', { from: 2 })?.tasks[0]?.id, index: 2 }],
    next: null,
  });
  t.deepEqual(
    tasks('parse', { state: 'failed' })?.tasks.map(({ index }) => index),
    [1],
  );
  t.deepEqual(
    tasks('parse', { state: 'unfinished' })?.tasks.map(({ index }) => index),
    [0, 2],
  );
  t.deepEqual(tasks('merge'), { tasks: [], next: null });
  t.is(tasks('nothing'), null);
  t.is(world.book.tasksOf({ flow, run: 7 }, 'parse', { limit: 2 }), null);
});

test('with onFailure stop nothing of a reduce begins by the end that fails the run', (t) => {
  const world = new World();
  const ended = { all: [{ step: 'parse', on: 'ended' }] } as const;
  const steps = { parse: map({ given: true }), merge: { ...reduce('parse', 2), after: ended } };
  const flow = world.start(plan(steps, { onFailure: 'stop' }), 1, { maps: [['parse', 0, 1]] });
  world.turn();
  world.finish(flow, 'parse#0', 'failed');
  world.settle();
  t.is(world.states(flow), 'parse failed, merge cancelled');
});

test('with onFailure stop tasks of a reduce that run end, and its next level does not begin', (t) => {
  const world = new World();
  const work = { kind: 'task', type: 'work', input: null } as const;
  const steps = { parse: map({ given: true }), merge: reduce('parse', 2), work };
  const flow = world.start(plan(steps, { onFailure: 'stop' }), 1, { maps: [['parse', 0, 4]] });
  world.turn();
  for (let item = 0; item < 4; item++) world.end(...world.task(flow, `parse#${item}`));
  world.turn();
  world.finish(flow, 'work', 'failed');
  t.is(world.states(flow), 'parse succeeded, merge running, work failed');
  world.finish(flow, 'merge#0');
  world.finish(flow, 'merge#1');
  world.settle();
  t.is(world.states(flow), 'parse succeeded, merge cancelled, work failed');
});

test('with onFailure stop a map goes on if one of its items was out, and is cancelled otherwise', (t) => {
  for (const hasBegun of [true, false]) {
    const world = new World();
    const work = { kind: 'task', type: 'work', input: null } as const;
    const flow = world.start(plan({ parse: map({ given: true }), work }, { onFailure: 'stop' }), 1, {
      maps: [['parse', 0, 2]],
    });
    world.turn();
    if (hasBegun) world.begun.add(world.task(flow, 'parse#0')[0]);
    world.finish(flow, 'work', 'failed');
    world.settle();
    t.is(world.states(flow), hasBegun ? 'parse running, work failed' : 'parse cancelled, work failed');
  }
});
