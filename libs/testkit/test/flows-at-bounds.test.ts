import { flow, type Flow } from '@drover/client';
import type { TaskContext } from '@drover/worker';
import test from 'ava';
import { testDrover } from '../src/index.js';

/** A step that becomes a run of the same flow, again and again, until `n` is 0. */
const down: Flow<{ n: number }, number> = flow<{ n: number }, number>(
  'down',
  (f) => f.step('next', 'down', f.input).result,
);
const asks = flow('asks', (f) => f.approve('ok?').result);

const handlers = {
  down: ({ n }: { n: number }, context: TaskContext) => (n === 0 ? n : context.become(down, { n: n - 1 })),
  ask: (_: unknown, context: TaskContext) => context.become(asks, null),
  find: async function* ({ fails }: { fails: number }, context: TaskContext) {
    for (let n = 0; n < 1_000; n++) {
      if (n === 700 && context.attempt <= fails) throw new Error('the disk is gone');
      yield await Promise.resolve(n);
    }
  },
  same: (given: unknown) => given,
  large: () => 'x'.repeat(300_000),
  sum: ({ results }: { results: number[] }) => results.reduce((sum, each) => sum + each, 0),
};

test('runs that become each other end with the result of the last', async (t) => {
  const { drover, close } = await testDrover({ handlers });
  t.teardown(close);
  t.is(await (await drover.start(down, { n: 3 })).result(), 0);
});

test('a map of no items: its reducer runs once, with none', async (t) => {
  const { drover, close } = await testDrover({ handlers });
  t.teardown(close);
  t.is(await (await drover.map('same', []).reduce('sum').run()).result(), 0);
});

test('a result that is larger than results may be fails its step, and the run says so', async (t) => {
  const { drover, close } = await testDrover({ handlers });
  t.teardown(close);
  const large = flow('large', (f) => f.step('next', 'same', f.step('large', 'large').result).result);
  const run = await drover.start(large, null);
  await t.throwsAsync(run.result(), { name: 'FlowFailedError', message: /step 'large'.*ResultTooLargeError/ });
  t.is((await run.tree()).steps.next?.state, 'skipped');
});

test('a finder that fails midway: items of the attempt that succeeds count, and those of others never run', async (t) => {
  const { drover, clock, close } = await testDrover({ handlers });
  t.teardown(close);
  const found = flow<{ fails: number }, number>('found', (f) => {
    const each = f.map('each', 'same', f.step('find', 'find', f.input, { maxAttempts: 3 }).items);
    return f.reduce('sum', 'sum', each).result;
  });
  const mended = await drover.start(found, { fails: 2 });
  await clock.advance('1h');
  t.is(await mended.result(), 499_500);
  t.like((await mended.tree()).steps.each, { done: 1_000, of: 1_000 });
  const broken = await drover.start(found, { fails: 3 });
  await clock.advance('1h');
  await t.throwsAsync(broken.result(), { name: 'FlowFailedError', message: /'find'.*the disk is gone/ });
  t.like((await broken.tree()).steps.each, { state: 'skipped', done: 0 });
});

test('a run is cancelled: so is the run that its step became; that one is cancelled alone: its parent fails', async (t) => {
  const { drover, settle, close } = await testDrover({ handlers });
  t.teardown(close);
  const parent = flow('parent', (f) => f.step('ask', 'ask').result);
  const children = async () => {
    const all: { run: string; state: string }[] = [];
    for await (const run of drover.runs.list({ flow: 'asks' })) all.push(run);
    return all;
  };
  const first = await drover.start(parent, null);
  await settle();
  await first.cancel({ reason: 'enough' });
  await t.throwsAsync(first.result(), { name: 'FlowCancelledError', message: /enough/ });
  t.deepEqual(
    (await children()).map(({ state }) => state),
    ['cancelled'],
  );

  const second = await drover.start(parent, null);
  await settle();
  const child = (await children()).find(({ state }) => state === 'running');
  await drover.flowRun(child?.run ?? '').cancel();
  await t.throwsAsync(second.result(), { name: 'FlowFailedError' });
  t.is((await second.tree()).steps.ask?.state, 'cancelled');
});

test('a deadline that comes during a sleep ends the run, and its steps of finally run', async (t) => {
  const { drover, clock, close } = await testDrover({ handlers });
  t.teardown(close);
  const naps = flow(
    'naps',
    (f) => {
      const nap = f.sleep('nap', '2h');
      f.step('after', 'same', null, { after: nap });
      f.finally('tell', 'same', f.outcome);
    },
    { deadline: '1h' },
  );
  const run = await drover.start(naps, null);
  await clock.advance('61m');
  await t.throwsAsync(run.result(), { name: 'FlowFailedError', message: /deadline/ });
  const { steps } = await run.tree();
  t.deepEqual(
    ['nap', 'after', 'tell'].map((name) => steps[name]?.state),
    ['cancelled', 'skipped', 'succeeded'],
  );
});
