import test from 'ava';
import type { Plan, Step } from '../src/index.js';
import { World } from './world.js';

const task = (after?: Step['after'] | string[], more: object = {}): Step => ({
  kind: 'task',
  type: 'work',
  input: null,
  ...(after === undefined ? {} : { after: Array.isArray(after) ? { all: after.map((step) => ({ step })) } : after }),
  ...more,
});
const plan = (steps: Plan['steps'], more: Partial<Plan> = {}): Plan => ({ v: 1, name: 'nightly', steps, ...more });
const starts = (world: World) =>
  world.last.flatMap((decision) => (decision.kind === 'start' ? decision.batch.of.map(({ step }) => step) : []));

test('a diamond: steps begin when all before them have succeeded, and read their results', (t) => {
  const world = new World();
  const input = { left: { $step: 'b', at: [] }, right: { $step: 'c', at: [] } };
  const flow = world.start(plan({ a: task(), b: task(['a']), c: task(['a']), d: task(['b', 'c'], { input }) }));
  world.turn();
  t.deepEqual(starts(world), ['a']);
  world.finish(flow, 'a');
  t.deepEqual(starts(world), ['b', 'c']);
  world.finish(flow, 'c');
  t.deepEqual(starts(world), []);
  world.finish(flow, 'b');
  t.deepEqual(starts(world), ['d']);
  const [batch] = world.task(flow, 'd');
  const [bBatch, bIndex] = world.task(flow, 'b');
  const [cBatch, cIndex] = world.task(flow, 'c');
  t.deepEqual(world.batches.get(batch)?.of, [
    {
      flow,
      plan: 'h0',
      step: 'd',
      runs: [0, 1],
      reads: [
        ['b', 0, bBatch, bIndex, 1],
        ['c', 0, cBatch, cIndex, 1],
      ],
    },
  ]);
  world.finish(flow, 'd');
  t.is(world.view(flow).state, 'succeeded');
  t.deepEqual(world.finished.get(flow), { kind: 'finish', flow, succeeded: 1, failed: 0, cancelled: 0 });
});

test('runs that follow each other are one entry of a batch; 500 tasks a batch at most', (t) => {
  const world = new World();
  const chain = plan({ a: task(), b: task(['a'], { input: { $step: 'a', at: [] } }) });
  const first = world.start(chain, 400);
  const second = world.start(chain, 400);
  world.turn();
  const batches = world.last.flatMap((each) => (each.kind === 'start' ? [each.batch] : []));
  t.deepEqual(
    batches.map(({ of }) => of.map(({ flow, runs }) => [flow, runs])),
    [
      [
        [first, [0, 400]],
        [second, [0, 100]],
      ],
      [[second, [100, 400]]],
    ],
  );
  t.deepEqual(
    batches[0]?.groups.map(({ count }) => count),
    [500],
  );
  for (let run = 0; run < 400; run++) world.end(...world.task(first, 'a', run));
  world.turn();
  const [batch, index] = world.task(first, 'b');
  t.is(index, 0);
  t.deepEqual(
    world.batches.get(batch)?.of?.map(({ runs, reads }) => ({ runs, reads })),
    [{ runs: [0, 400], reads: [['a', 0, batches[0]?.id ?? '', 0, 400]] }],
  );
});

test('the leader dies between two batches of a step: the next one creates the others, and none again', (t) => {
  const world = new World();
  const flow = world.start(plan({ a: task() }), 1);
  const many = Array.from({ length: 3 }, () => world.start(plan({ a: task() }), 500));
  world.turn(world.now, 2);
  t.is(world.last.length, 4);
  t.is(world.started.size, 1_000);
  world.takeOver();
  world.settle();
  t.is(world.started.size, 1_501);
  t.deepEqual(world.twice, []);
  for (const id of [flow, ...many]) t.is(world.states(id), 'a running');
});

test('steps of different queues are in different batches', (t) => {
  const world = new World();
  world.start(
    plan({
      a: task(undefined, { options: { queue: 'one' } }),
      b: task(undefined, { options: { queue: 'two', priority: 3 } }),
      c: task(),
    }),
    2,
    {
      queue: 'three',
      options: { tenant: 'acme' },
    },
  );
  world.turn();
  t.deepEqual(
    world.last.flatMap((each) =>
      each.kind === 'start'
        ? [[each.batch.queue, ...each.batch.groups.map(({ tenant, priority, count }) => [tenant, priority, count])]]
        : [],
    ),
    [
      ['one', ['acme', 0, 2]],
      ['two', ['acme', 3, 2]],
      ['three', ['acme', 0, 2]],
    ],
  );
});

test('labels choose a branch, and the join after it runs', (t) => {
  const world = new World();
  const flow = world.start(
    plan({
      check: task(undefined, { labels: ['ok', 'odd'] }),
      publish: task({ all: [{ step: 'check', is: 'ok' }] }),
      discard: task({ all: [{ step: 'check', is: 'odd' }] }),
      tell: task(['publish', 'discard']),
    }),
  );
  world.turn();
  world.finish(flow, 'check', 'succeeded', { report: (index) => ({ labels: [[index, index + 1, 'odd']] }) });
  t.deepEqual(starts(world), ['discard']);
  t.is(world.view(flow).steps.publish?.reason, "upstream check ended with 'odd', not 'ok'");
  t.is(world.view(flow).steps.check?.label, 'odd');
  world.finish(flow, 'discard');
  t.deepEqual(starts(world), ['tell']);
  world.finish(flow, 'tell');
  t.is(world.states(flow), 'check succeeded, publish skipped, discard succeeded, tell succeeded');
  t.is(world.view(flow).state, 'succeeded');
});

test('a task that skips itself is skipped, and neutral for the join', (t) => {
  const world = new World();
  const flow = world.start(plan({ a: task(), b: task(), c: task(['a', 'b']), d: task(['a']) }));
  world.turn();
  world.finish(flow, 'a', 'succeeded', { report: (index) => ({ skipped: [[index, index + 1]] }) });
  world.finish(flow, 'b');
  t.deepEqual(starts(world), ['c']);
  t.is(world.view(flow).steps.d?.reason, 'upstream a was skipped');
});

for (const [policy, during, after] of [
  [
    'continue',
    'bad failed, slow running, next waiting, end waiting',
    'bad failed, slow succeeded, next succeeded, end succeeded',
  ],
  [
    'stop',
    'bad failed, slow running, next waiting, end waiting',
    'bad failed, slow succeeded, next cancelled, end succeeded',
  ],
  [
    'cancel',
    'bad failed, slow cancelled, next skipped, end running',
    'bad failed, slow cancelled, next skipped, end succeeded',
  ],
] as const)
  test(`a failure, and the policy ${policy}; finally runs once`, (t) => {
    const world = new World();
    const ended = {
      all: [
        { step: 'bad', on: 'ended' as const },
        { step: 'next', on: 'ended' as const },
      ],
    };
    const steps = {
      bad: task(),
      slow: task(),
      next: task(['slow']),
      end: task(ended, { finally: true, input: { $outcome: [] } }),
    };
    const flow = world.start(plan(steps, { onFailure: policy }));
    world.turn();
    world.finish(flow, 'bad', 'failed');
    world.settle();
    t.is(world.states(flow), during);
    if (policy !== 'cancel') world.finish(flow, 'slow');
    if (policy === 'continue') world.finish(flow, 'next');
    const [batch] = world.task(flow, 'end');
    t.deepEqual(world.batches.get(batch)?.of?.find(({ step }) => step === 'end')?.outcome, {
      ...{ state: 'failed', failed: ['bad'], reason: 'step bad failed' },
    });
    world.finish(flow, 'end');
    t.is(world.states(flow), after);
    t.is(world.view(flow).state, 'failed');
    t.is(world.view(flow).reason, 'step bad failed');
    t.deepEqual(world.twice, []);
  });

test('a step that may fail fails for its edges, not for the run', (t) => {
  const world = new World();
  const flow = world.start(
    plan({ a: task(undefined, { mayFail: true }), b: task({ all: [{ step: 'a', on: 'failed' }] }) }),
  );
  world.turn();
  world.finish(flow, 'a', 'failed');
  t.deepEqual(starts(world), ['b']);
  world.finish(flow, 'b');
  t.is(world.view(flow).state, 'succeeded');
});

test('a task that somebody cancels by hand counts as failed for the run', (t) => {
  const world = new World();
  const flow = world.start(plan({ a: task(), b: task(['a']) }));
  world.turn();
  world.finish(flow, 'a', 'cancelled');
  t.is(world.states(flow), 'a cancelled, b skipped');
  t.is(world.view(flow).state, 'failed');
  t.is(world.view(flow).reason, 'step a was cancelled');
});

test('a cancel is noted first, then tasks are cancelled; finally runs; force cancels that too', (t) => {
  const world = new World();
  const end = { all: [{ step: 'b', on: 'ended' as const }] };
  const flow = world.start(plan({ a: task(), b: task(['a']), end: task(end, { finally: true }) }));
  world.turn();
  t.deepEqual(world.book.cancel([{ flow, run: 0 }], { by: 'Ada', reason: 'wrong day' }, 2_000), [
    { ok: true, repeated: false },
  ]);
  world.turn(2_000);
  t.deepEqual(
    world.last.map(({ kind }) => kind),
    ['note', 'cancel'],
  );
  t.like(world.last[1], { reason: 'wrong day', by: 'Ada' });
  t.deepEqual(world.book.cancel([{ flow, run: 0 }], {}, 2_001), [{ ok: true, repeated: true }]);
  world.turn();
  t.is(world.states(flow), 'a cancelled, b skipped, end running');
  world.book.cancel([{ flow, run: 0 }], { force: true }, 2_002);
  world.settle();
  t.is(world.states(flow), 'a cancelled, b skipped, end cancelled');
  t.is(world.view(flow).state, 'cancelled');
  const [again] = world.book.cancel([{ flow, run: 0 }], {}, 2_003);
  t.like(again, { ok: false, code: 'ended', message: 'the run was cancelled' });
});

test('the deadline of a flow cancels what runs, and the run fails', (t) => {
  const world = new World();
  const flow = world.start(plan({ a: task() }, { deadlineMs: 5_000 }));
  world.turn();
  t.is(world.book.nextDueAt(), 6_000);
  world.turn(5_999);
  t.is(world.view(flow).state, 'running');
  world.turn(6_000);
  world.turn();
  t.is(world.view(flow).state, 'failed');
  t.is(world.view(flow).reason, 'its deadline is over');
});

test('ends are noted by stretches, with the places of outputs; then the flow is finished', (t) => {
  const world = new World();
  const flow = world.start(plan({ a: task() }, { output: { $step: 'a', at: ['sum'] } }), 4);
  world.turn();
  const [batch] = world.task(flow, 'a');
  for (const [run, how] of (['succeeded', 'succeeded', 'failed', 'succeeded'] as const).entries())
    world.end(...world.task(flow, 'a', run), how);
  world.turn();
  t.deepEqual(world.last, [
    {
      kind: 'note',
      flow,
      name: 'e1-0',
      notes: [
        {
          kind: 'ended',
          ends: [
            [0, 2, 'succeeded'],
            [2, 3, 'failed', 'step a failed'],
            [3, 4, 'succeeded'],
          ],
          outputs: [
            ['a', 0, batch, 0, 2],
            ['a', 3, batch, 3, 1],
          ],
          at: 1_000,
        },
      ],
    },
    { kind: 'finish', flow, succeeded: 3, failed: 1, cancelled: 0 },
  ]);
  t.deepEqual(world.turn(), []);
});

test('a plan that makes no sense ends its own runs, and no others', (t) => {
  const world = new World();
  const good = world.start(plan({ a: task() }));
  const bad = world.start(plan({ a: task(['b']), b: task(['a']) }));
  world.turn();
  t.is(world.view(bad).state, 'failed');
  t.regex(world.view(bad).reason ?? '', /InvalidPlan.*circle/);
  t.is(world.view(good).state, 'running');
});

test('a sub-flow stands for its steps', (t) => {
  const world = new World();
  const sub = (after: Step['after'], of: string[]): Step => ({
    kind: 'flow',
    of,
    ...(after === undefined ? {} : { after }),
  });
  const flow = world.start(
    plan({
      a: task(),
      child: sub({ all: [{ step: 'a' }] }, []),
      'child/x': task(['child']),
      'child/end': sub({ all: [{ step: 'child/x', on: 'ended' }] }, ['child/x']),
      b: task(['child/end']),
    }),
  );
  world.turn();
  world.finish(flow, 'a');
  t.deepEqual(starts(world), ['child/x']);
  world.finish(flow, 'child/x', 'failed');
  t.is(world.states(flow), 'a succeeded, child succeeded, child/x failed, child/end failed, b skipped');
});

test('a batch that was refused was not started, and is started again under another id', (t) => {
  const world = new World();
  const flow = world.start(plan({ a: task() }));
  const [start] = world.book.turn(world.now);
  if (start?.kind !== 'start') return t.fail();
  world.book.refused(start.batch.id);
  t.is(world.book.nextDueAt(), world.now + 1_000);
  world.turn();
  t.not(world.task(flow, 'a')[0], start.batch.id);
});
