import test from 'ava';
import type { After, Plan, Step } from '../src/index.js';
import { World } from './world.js';

const plan = (steps: Plan['steps'], more: Partial<Plan> = {}): Plan => ({ v: 1, name: 'waits', steps, ...more });
const on = (...steps: string[]): After => ({ all: steps.map((step) => ({ step })) });
const task = (...after: string[]): Step => ({
  kind: 'task',
  type: 'work',
  input: null,
  ...(after.length === 0 ? {} : { after: on(...after) }),
});
const kinds = (world: World) => world.last.map(({ kind }) => kind);

test('a sleep counts from when its predecessors ended, over leaders', (t) => {
  const world = new World();
  const flow = world.start(plan({ a: task(), nap: { kind: 'sleep', ms: 5_000, after: on('a') }, b: task('nap') }), 3);
  world.turn();
  for (const run of [0, 1]) world.end(...world.task(flow, 'a', run));
  world.turn(2_000);
  t.deepEqual(world.last, [
    { kind: 'note', flow, name: 'e1-0', notes: [{ kind: 'waits', step: 'nap', gen: 0, runs: [[0, 2]], at: 2_000 }] },
  ]);
  t.deepEqual(world.view(flow).steps.nap?.waitsFor, { kind: 'time', until: 7_000 });
  world.now = 4_000;
  world.takeOver();
  t.deepEqual(world.turn(), []);
  t.is(world.book.nextDueAt(), 7_000);
  world.turn(7_000);
  t.is(world.states(flow), 'a succeeded, nap succeeded, b running');
  t.is(world.states(flow, 2), 'a running, nap waiting, b waiting');
});

test('instants that follow from inputs', (t) => {
  const world = new World();
  const flow = world.start(plan({ at: { kind: 'until', at: { given: ['at'] } } }), 3, {
    times: { at: [3_000, 2_000, 9_000] },
  });
  world.turn();
  world.turn(2_500);
  t.deepEqual(
    [0, 1, 2].map((run) => world.view(flow, run).state),
    ['running', 'succeeded', 'running'],
  );
  t.is(world.book.nextDueAt(), 3_000);
  world.turn(3_000);
  t.deepEqual(
    [0, 1, 2].map((run) => world.view(flow, run).state),
    ['succeeded', 'succeeded', 'running'],
  );
});

const approval = (more: object = {}): Step => ({ kind: 'signal', answers: ['yes', 'no'], after: on('a'), ...more });
const signals = (more: object = {}): Plan =>
  plan({
    a: task(),
    ok: approval(more),
    go: { ...task(), after: { all: [{ step: 'ok', is: 'yes' }] }, input: { $step: 'ok', at: [] } } as Step,
  });

test('a signal in time: its note is what the next step reads; a repeat is a success', (t) => {
  const world = new World();
  const flow = world.start(signals());
  world.turn();
  world.finish(flow, 'a');
  t.deepEqual(world.view(flow).steps.ok?.waitsFor, { kind: 'signal', answers: ['yes', 'no'], until: null });
  t.deepEqual(world.book.signal({ flow, run: 0 }, 'ok', { answer: 'yes', payload: { n: 1 }, by: 'Ada' }, 3_000), {
    ok: true,
    repeated: false,
  });
  t.deepEqual(world.book.signal({ flow, run: 0 }, 'ok', { answer: 'yes', payload: null }, 3_001), {
    ok: true,
    repeated: true,
  });
  t.deepEqual(world.book.signal({ flow, run: 0 }, 'ok', { answer: 'no', payload: null, by: 'Bo' }, 3_001), {
    ok: false,
    code: 'answered',
    message: "signal 'ok' was answered before: 'yes' by Ada, 1970-01-01T00:00:03.000Z. The first answer counts",
  });
  world.turn(3_001);
  t.deepEqual(kinds(world), ['note', 'start']);
  const [note] = world.flows.get(flow)?.notes ?? [];
  t.like(note?.note, { kind: 'signal', answer: 'yes', payload: { n: 1 }, by: 'Ada' });
  t.deepEqual(world.batches.get(world.task(flow, 'go')[0])?.of?.[0]?.reads, [['ok', 0, note?.name ?? '']]);
});

test('an early signal waits for its step; one after the end is refused', (t) => {
  const world = new World();
  const flow = world.start(signals());
  world.turn();
  world.book.signal({ flow, run: 0 }, 'ok', { answer: 'no', payload: null }, 2_000);
  world.turn(2_000);
  world.finish(flow, 'a');
  t.is(world.states(flow), 'a succeeded, ok succeeded, go skipped');
  const again = world.start(plan({ a: task(), ok: approval({ after: undefined }) }));
  t.truthy(again);
  const late = (answer: string) => world.book.signal({ flow, run: 0 }, 'ok', { answer, payload: null }, 3_000);
  t.like(late('no'), { ok: true, repeated: true });
  t.like(late('yes'), { ok: false, code: 'answered' });
  const other = world.start(plan({ a: task(), ok: approval({ timeoutMs: 1_000 }) }));
  world.turn();
  world.finish(other, 'a', 'failed');
  t.like(world.book.signal({ flow: other, run: 0 }, 'ok', { answer: 'yes', payload: null }, 3_000), {
    ok: false,
    code: 'ended',
  });
});

test('bad signals: what is wrong with them', (t) => {
  const world = new World();
  const flow = world.start(signals());
  world.turn();
  const give = (step: string, answer?: string, run = 0) =>
    world.book.signal({ flow, run }, step, { ...(answer === undefined ? {} : { answer }), payload: null }, world.now);
  t.like(give('ok', 'maybe'), {
    ok: false,
    code: 'unknown-answer',
    message: "signal 'ok' takes one of 'yes', 'no', got 'maybe'",
  });
  t.like(give('ok'), { ok: false, code: 'unknown-answer' });
  t.like(give('oc', 'yes'), { ok: false, code: 'unknown-step' });
  t.like(give('ok', 'yes', 7), { ok: false, code: 'unknown-run' });
});

for (const [onTimeout, states] of [
  ['yes', 'a succeeded, ok succeeded, go running'],
  [undefined, 'a succeeded, ok failed, go skipped'],
] as const)
  test(`a signal that nobody gives in time, and on timeout ${onTimeout ?? 'nothing'}`, (t) => {
    const world = new World();
    const flow = world.start(signals({ timeoutMs: 3_000, ...(onTimeout === undefined ? {} : { onTimeout }) }));
    world.turn();
    world.finish(flow, 'a');
    world.takeOver();
    world.turn(3_999);
    t.deepEqual(world.view(flow).steps.ok?.state, 'running');
    world.turn(4_000);
    t.is(world.states(flow), states);
    t.like(world.book.signal({ flow, run: 0 }, 'ok', { answer: 'yes', payload: null }, 4_001), {
      ok: false,
      code: 'ended',
    });
    world.takeOver();
    t.is(world.states(flow), states);
  });

test('with maxRuns the others wait for their turn, in the order of their starts', (t) => {
  const world = new World();
  const few = plan({ a: task() }, { maxRuns: 2 });
  const first = world.start(few, 2);
  const second = world.start(few, 2);
  world.turn();
  t.deepEqual([world.view(first, 1).state, world.view(second).state], ['running', 'waiting']);
  t.deepEqual(world.book.why({ flow: second, run: 1 }, 'a'), { kind: 'turn', ahead: 1 });
  world.takeOver();
  world.turn();
  t.is(world.view(second).state, 'waiting');
  world.finish(first, 'a', 'succeeded', { run: 1 });
  t.deepEqual([world.view(second).state, world.view(second, 1).state], ['running', 'waiting']);
  t.deepEqual(world.twice, []);
});

test('a step whose task becomes a run ends as that run ends', (t) => {
  const world = new World();
  const flow = world.start(plan({ a: task(), b: task('a') }));
  world.turn();
  const [batch, index] = world.task(flow, 'a');
  const child = world.start(plan({ x: task() }), 1, { parent: `${batch}.${index}` });
  const lost = world.start(plan({ x: task() }), 1, { parent: `${batch}.${index}` });
  world.turn();
  t.is(world.view(child).state, 'waiting');
  world.finish(flow, 'a', 'succeeded', { report: (at) => ({ becomes: [[at, `${child}.0`]] }) });
  t.is(world.view(child).state, 'running');
  t.false(world.flows.has(lost));
  t.is(world.states(flow), 'a running, b waiting');
  world.takeOver();
  world.turn();
  t.is(world.states(flow), 'a running, b waiting');
  world.finish(child, 'x');
  t.is(world.states(flow), 'a succeeded, b running');
  t.deepEqual(world.twice, []);
});

test('a cancel goes on to the run that a task became', (t) => {
  const world = new World();
  const flow = world.start(plan({ a: task() }));
  world.turn();
  const [batch, index] = world.task(flow, 'a');
  const child = world.start(plan({ x: task() }), 1, { parent: `${batch}.${index}` });
  world.finish(flow, 'a', 'succeeded', { report: (at) => ({ becomes: [[at, `${child}.0`]] }) });
  world.book.cancel([{ flow, run: 0 }], {}, world.now);
  world.settle();
  t.deepEqual([world.view(flow).state, world.view(child).state], ['cancelled', 'cancelled']);
});

for (const [when, order] of [
  ['the report is read', ['child', 'cancel', 'report']],
  ['the run is read', ['report', 'cancel', 'child']],
  ['either is read', ['cancel', 'report', 'child']],
] as const)
  test(`a cancel before ${when} reaches the run that the task became`, (t) => {
    const world = new World();
    const flow = world.start(plan({ a: task() }));
    world.turn();
    const [batch, index] = world.task(flow, 'a');
    const id = world.id();
    const acts = {
      child: () => world.start(plan({ x: task() }), 1, { parent: `${batch}.${index}` }, id),
      cancel: () => world.book.cancel([{ flow, run: 0 }], {}, world.now),
      report: () => {
        world.finish(flow, 'a', 'succeeded', { report: (at) => ({ becomes: [[at, `${id}.0`]] }) });
      },
    };
    for (const act of order) acts[act]();
    world.settle();
    t.deepEqual([world.view(flow).state, world.view(id).state], ['cancelled', 'cancelled']);
    t.false(
      [...world.started.keys()].some((name) => name.startsWith(id)),
      'nothing of it was started',
    );
    world.takeOver();
    world.settle();
    t.deepEqual([world.view(flow).state, world.view(id).state], ['cancelled', 'cancelled']);
  });

test('a run that waits for its first signal goes on under the next leader, where another run of its znode has ended', (t) => {
  const world = new World();
  const flow = world.start(plan({ go: { kind: 'signal', answers: ['yes'] } }), 2);
  world.turn();
  world.book.cancel([{ flow, run: 1 }], {}, world.now);
  world.turn();
  world.takeOver();
  world.turn();
  world.book.signal({ flow, run: 0 }, 'go', { answer: 'yes', payload: null }, world.now);
  world.turn();
  t.is(world.view(flow).state, 'succeeded');
});

const child = plan({ c: task() }, { maxRuns: 1 });

test('a step whose task became a run that has ended since ends so under the next leader', (t) => {
  const world = new World();
  const flow = world.start(plan({ a: task(), b: task('a') }));
  world.turn();
  const parent = world.task(flow, 'a').join('.');
  const id = world.start(child, 1, { parent });
  world.finish(flow, 'a', 'succeeded', { report: (index) => ({ becomes: [[index, `${id}.0`]] }) });
  world.finish(id, 'c');
  world.settle();
  t.is(world.states(flow), 'a succeeded, b running');
  world.takeOver();
  world.settle();
  t.is(world.states(flow), 'a succeeded, b running');
});

test('a run that a task became waits for no turn: its run has had one', (t) => {
  const world = new World();
  const flow = world.start(plan({ a: task() }, { maxRuns: 1 }));
  world.turn();
  const id = world.start(plan({ c: task() }, { maxRuns: 1 }), 1, { parent: world.task(flow, 'a').join('.') });
  world.finish(flow, 'a', 'succeeded', { report: (index) => ({ becomes: [[index, `${id}.0`]] }) });
  world.finish(id, 'c');
  world.settle();
  t.is(world.view(flow).state, 'succeeded');
});

test('a run that a task became is waited for, though ZooKeeper’s clock was set back before it was written', (t) => {
  const world = new World();
  const flow = world.start(plan({ a: task() }));
  world.turn(3_600_000);
  const parent = world.task(flow, 'a').join('.');
  world.now = 0;
  const id = world.start(plan({ c: task() }), 1, { parent });
  world.turn(3_600_001);
  world.finish(flow, 'a', 'succeeded', { report: (index) => ({ becomes: [[index, `${id}.0`]] }) });
  world.finish(id, 'c');
  world.settle();
  t.is(world.view(flow).state, 'succeeded');
});

test('a run that a task became is kept as long as the run of that task, of which a retry needs its end', (t) => {
  const world = new World({ retainTasks: 2, retainAtLeastMs: 1_000, retainMs: 10_000 });
  const flow = world.start(plan({ a: task(), b: task('a') }));
  world.turn();
  const id = world.start(plan({ c: task() }), 1, { parent: world.task(flow, 'a').join('.') });
  world.finish(flow, 'a', 'succeeded', { report: (index) => ({ becomes: [[index, `${id}.0`]] }) });
  world.finish(id, 'c');
  world.turn(world.now + 1);
  world.finish(flow, 'b');
  world.turn(world.now + 1_000);
  t.deepEqual([world.flows.has(flow), world.flows.has(id)], [true, true]);
  world.takeOver();
  world.book.retry([{ flow, run: 0 }], { from: 'b' }, world.now);
  world.turn();
  t.is(world.states(flow), 'a succeeded, b running');
  world.finish(flow, 'b', 'succeeded', { generation: 1 });
  t.is(world.view(flow).state, 'succeeded');
  for (let i = 0; i < 3; i++) world.turn(world.now + 10_000);
  t.is(world.flows.size, 0);
});

for (const how of ['failed', 'succeeded'] as const)
  test(`a run whose task has ${how}, and did not become it, is removed by the next leader, and by one that reads it after that end`, (t) => {
    const world = new World();
    const flow = world.start(plan({ a: task(), b: task() }));
    world.turn();
    const [batch, index] = world.task(flow, 'a');
    const lost = world.start(plan({ x: task() }), 1, { parent: `${batch}.${index}` });
    world.end(batch, index, how);
    world.takeOver();
    world.settle();
    t.false(world.flows.has(lost));
    const late = world.start(plan({ x: task() }), 1, { parent: `${batch}.${index}` });
    world.settle();
    t.false(world.flows.has(late));
    t.is(world.states(flow), `a ${how}, b running`);
  });
