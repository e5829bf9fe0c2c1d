import { flow } from '@drover/client';
import { RejectTaskError, type TaskContext } from '@drover/worker';
import test from 'ava';
import { testDrover } from '../src/index.js';

const inner = flow<{ n: number }, number>('inner', (f) => f.step('triple', 'triple', f.input.n).result);

const handlers = {
  triple: (n: number) => n * 3,
  choose: (n: number, context: TaskContext) => {
    context.label(n > 10 ? 'large' : 'small');
    return n;
  },
  nothing: (_: unknown, context: TaskContext) => context.skip('nothing to do'),
  become: (n: number, context: TaskContext) => context.become(inner, { n }),
  shard: (_: unknown, context: TaskContext) => context.shard,
  fail: () => {
    throw new Error('it fails');
  },
  list: async function* () {
    for (let n = 1; n <= 1_200; n++) yield await Promise.resolve(n);
  },
  total: async (_: unknown, context: TaskContext) => {
    let sum = 0;
    for await (const each of context.results('all')) sum += Number(each);
    return sum;
  },
  sum: ({ results }: { results: number[] }) => results.reduce((sum, each) => sum + each, 0),
  odd: (n: number) => {
    if (n % 2 === 0) throw new RejectTaskError('it is even');
    return n;
  },
  same: (given: unknown) => given,
};

test('labels choose the branch, skipped steps are neutral, and a result is the value of a reference', async (t) => {
  const { drover, close } = await testDrover({ handlers });
  t.teardown(close);
  const branches = flow<number, unknown>('branches', (f) => {
    const chosen = f.step('choose', 'choose', f.input, { labels: ['large', 'small'] });
    const large = f.step('large', 'same', { large: chosen }, { after: chosen.is('large') });
    const small = f.step('small', 'same', { small: chosen }, { after: chosen.is('small') });
    const none = f.step('none', 'nothing', null, { after: chosen });
    return f.step('join', 'same', [large, small, none], { after: [large, small, none] }).result;
  });
  t.deepEqual(await (await drover.start(branches, 12)).result(), [{ large: 12 }, null, null]);
  t.deepEqual(await (await drover.start(branches, 7)).result(), [null, { small: 7 }, null]);
});

test('a step becomes another flow and ends with its result', async (t) => {
  const { drover, close } = await testDrover({ handlers });
  t.teardown(close);
  const outer = flow<number, number>('outer', (f) => {
    const became = f.step('become', 'become', f.input);
    return f.step('again', 'triple', became.result).result;
  });
  t.is(await (await drover.start(outer, 5)).result(), 45);
});

test('a handler reads the results of a map of 1,200 items that another one has found, in order', async (t) => {
  const { drover, close } = await testDrover({ handlers });
  t.teardown(close);
  const totals = flow<null, number>('totals', (f) => {
    const all = f.map('all', 'triple', f.step('list', 'list').items);
    return f.step('total', 'total', { of: all.results }).result;
  });
  t.is(await (await drover.start(totals, null)).result(), (3 * 1_200 * 1_201) / 2);
});

test('items of an async iterable are mapped and reduced', async (t) => {
  const { drover, close } = await testDrover({ handlers });
  t.teardown(close);
  async function* items(): AsyncGenerator<number> {
    for (let n = 1; n <= 2_000; n++) yield await Promise.resolve(n);
  }
  const run = await drover.map('triple', items()).reduce('sum', { arity: 50 }).run();
  t.is(await run.result(), (3 * 2_000 * 2_001) / 2);
});

test('each shard of a job knows its number', async (t) => {
  const { drover, close } = await testDrover({ handlers });
  t.teardown(close);
  const run = await drover.sharded('shard', null, { shards: 4 });
  await run.result();
  t.like(await run.tree(), { state: 'succeeded' });
});

test('a group takes tasks until it is closed, then its callbacks run', async (t) => {
  const { drover, close } = await testDrover({ handlers });
  t.teardown(close);
  const group = await drover.group('triple', { onEnd: 'same', onSuccess: 'same', onFirstFailure: 'same' });
  t.is(await group.submitMany([1, 2, 3]), 3);
  t.is(await drover.openGroup(group.id).submitMany([4]), 1);
  await group.close();
  await group.result();
  const { steps } = await group.run.tree();
  t.like(steps.tasks, { state: 'succeeded', done: 4, of: 4 });
  t.deepEqual(
    ['onEnd', 'onSuccess', 'onFirstFailure'].map((name) => steps[name]?.state),
    ['succeeded', 'succeeded', 'skipped'],
  );
  await t.throwsAsync(group.submitMany([5]), { name: 'GroupClosedError' });
});

test('a failure in a group stops none of its tasks; its callback runs at once, and once', async (t) => {
  const { drover, settle, close } = await testDrover({ handlers });
  t.teardown(close);
  const group = await drover.group('odd', { onEnd: 'same', onSuccess: 'same', onFirstFailure: 'same' });
  await group.submitMany([1, 2]);
  await settle();
  const first = (await group.run.tree()).steps;
  t.deepEqual([first.onFirstFailure?.state, first.onEnd?.state], ['succeeded', 'waiting'], 'the group is open');
  await group.submitMany([3, 5, 4]);
  await group.close();
  await t.throwsAsync(group.result(), { name: 'FlowFailedError', message: /it is even.*2 of 5 failed/ });
  const { steps } = await group.run.tree();
  t.like(steps.tasks, { state: 'failed', done: 5, failed: 2 });
  t.deepEqual(steps.onFirstFailure?.tasks, first.onFirstFailure?.tasks);
  t.deepEqual(
    ['onEnd', 'onSuccess', 'onFirstFailure'].map((name) => steps[name]?.state),
    ['succeeded', 'skipped', 'succeeded'],
  );
});

test('a group takes tasks of several types, and ends when those of each have', async (t) => {
  const { drover, settle, close } = await testDrover({ handlers });
  t.teardown(close);
  const group = await drover.group('triple', {
    types: ['odd'],
    onEnd: 'same',
    onSuccess: 'same',
    onFirstFailure: 'same',
  });
  t.is(await group.submitMany([1, 2]), 2);
  t.is(await group.submitMany([3, 5, 4], { type: 'odd' }), 3);
  await t.throwsAsync(group.submitMany([1], { type: 'same' }), { message: /one of those of the group: triple, odd/ });
  await settle();
  t.is((await group.run.tree()).steps.onFirstFailure?.state, 'succeeded');
  await group.close();
  await t.throwsAsync(group.result(), { name: 'FlowFailedError', message: /1 of 3 failed/ });
  const { steps } = await group.run.tree();
  t.deepEqual([steps.tasks?.done, steps['tasks-2']?.done], [2, 3]);
  t.deepEqual([steps.onEnd?.state, steps.onSuccess?.state], ['succeeded', 'skipped']);
});

test('an empty group ends well when it is closed', async (t) => {
  const { drover, close } = await testDrover({ handlers });
  t.teardown(close);
  const group = await drover.group('triple', { onSuccess: 'same' });
  await group.close();
  await group.result();
  t.is((await group.run.tree()).steps.onSuccess?.state, 'succeeded');
});

test('a run that failed says which step did, and why', async (t) => {
  const { drover, close } = await testDrover({ handlers });
  t.teardown(close);
  const failing = flow('failing', (f) => {
    const bad = f.step('bad', 'fail', null, { maxAttempts: 1 });
    f.step('after', 'same', bad.result);
    f.finally('tell', 'same', f.outcome);
  });
  const run = await drover.start(failing, null);
  await t.throwsAsync(run.result(), { name: 'FlowFailedError', message: /step 'bad'.*it fails/ });
  const { steps } = await run.tree();
  t.deepEqual(
    ['bad', 'after', 'tell'].map((name) => steps[name]?.state),
    ['failed', 'skipped', 'succeeded'],
  );
});
