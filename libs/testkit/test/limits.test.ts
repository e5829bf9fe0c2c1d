import { defineHandlers, InvalidArgumentError, RevisionConflictError, UnknownLimitError } from '@drover/client';
import test, { type ExecutionContext } from 'ava';
import { RetryLater } from '@drover/worker';
import { testDrover } from '../src/index.js';

interface Effect {
  k: string;
  at: number;
}

/** Handlers that write down when they begin, and hold until they are let go where they are asked to. */
async function open(t: ExecutionContext) {
  const effects: Effect[] = [];
  const gates = new Map<string, () => void>();
  let now = (): number => 0;
  const began = (k: string): void => void effects.push({ k, at: now() });
  const handlers = defineHandlers<{
    note: [string, string];
    gate: [string, string];
    later: [{ k: string; times: number }, number];
    fail: [string, null];
  }>({
    note: (k) => {
      began(k);
      return k;
    },
    gate: (k) => {
      began(k);
      return new Promise((resolve) => gates.set(k, () => resolve(k)));
    },
    later: ({ k, times }, { attempt }) => {
      began(k);
      if (attempt <= times) throw new RetryLater('429', { after: '30s', limit: 'stripe' });
      return attempt;
    },
    fail: (k) => {
      began(k);
      throw new Error('no');
    },
  });
  const opened = await testDrover({ handlers, patience: 5 });
  now = () => opened.clock.now;
  t.teardown(() => opened.close());
  /** Handlers that hold are not waited for. */
  const step = (): Promise<void> => opened.clock.advance('10ms');
  const letGo = async (k: string): Promise<void> => {
    gates.get(k)?.();
    await step();
  };
  return { ...opened, step, effects, letGo, keys: () => effects.map(({ k }) => k) };
}

test('a concurrency of each key: no more run at a time, and keys do not hold each other up', async (t) => {
  const { drover, step, letGo, keys } = await open(t);
  t.like(await drover.limits.set('gpu', { concurrency: 2, per: 'key' }), { change: 'created', revision: 1 });
  for (const k of ['a1', 'a2', 'a3', 'b1']) await drover.submit('gate', k, { limits: [`gpu/${k.charAt(0)}`] });
  await step();
  t.deepEqual(keys(), ['a1', 'a2', 'b1']);
  t.like(await drover.limits.get('gpu'), { out: 3, waiting: 1, waitingKeys: 1 });
  await letGo('a1');
  t.deepEqual(keys(), ['a1', 'a2', 'b1', 'a3']);
  for (const k of ['a2', 'a3', 'b1']) await letGo(k);
});

test('a rate: a burst at once, then one after the other, and why says when', async (t) => {
  const { drover, clock, settle, effects } = await open(t);
  await drover.limits.set('stripe', { rate: { limit: 60, period: '1m', burst: 2 } });
  const tasks = [];
  for (const k of ['a', 'b', 'c', 'd']) tasks.push(await drover.submit('note', k, { limits: 'stripe' }));
  await settle();
  t.is(effects.length, 2);
  const why = await drover.why(tasks[3]?.id ?? '');
  t.is(why.reasons[0]?.code, 'rate-limit');
  t.regex(why.sentence, /stripe/);
  await clock.advance('5s');
  t.deepEqual(effects.map(({ k }) => k), ['a', 'b', 'c', 'd']); // prettier-ignore
  const [, , third, fourth] = effects.map(({ at }) => at);
  t.true((fourth ?? 0) - (third ?? 0) >= 990, `${third} and ${fourth}`);
});

test('a limit of a type and each tenant is under nobody has to name', async (t) => {
  const { drover, step, letGo, keys } = await open(t);
  await drover.limits.set('llm', { on: { type: 'gate' }, per: 'tenant', concurrency: 1 });
  for (const [k, tenant] of [
    ['a1', 'a'],
    ['a2', 'a'],
    ['b1', 'b'],
  ] as const)
    // prettier-ignore
    await drover.submit('gate', k, { tenant });
  await drover.submit('note', 'free', { tenant: 'a' });
  await step();
  t.deepEqual([...keys()].sort(), ['a1', 'b1', 'free']);
  await letGo('a1');
  t.true(keys().includes('a2'));
  await letGo('a2');
  await letGo('b1');
});

test('a sequence runs one at a time in the order of the submits; a failed one lets the next go, or blocks it', async (t) => {
  const { drover, step, letGo, keys, clock } = await open(t);
  await drover.submit('gate', '1', { sequence: 'order-42' });
  const second = await drover.submit('note', '2', { sequence: 'order-42' });
  await drover.submit('note', 'other', { sequence: 'order-43' });
  await step();
  t.deepEqual([...keys()].sort(), ['1', 'other']);
  t.like((await drover.why(second.id)).reasons[0], { code: 'sequence', sequence: 'order-42' });
  await letGo('1');
  t.is(keys().at(-1), '2');

  const block = { sequence: { key: 's', onFailure: 'block' }, maxAttempts: 1 } as const;
  const failing = await drover.submit('fail', 'x', block);
  const behind = await drover.submit('note', 'y', block);
  await clock.advance('1m');
  t.false(keys().includes('y'));
  t.like((await drover.why(behind.id)).reasons[0], { code: 'sequence', behind: failing.id });
  await drover.cancel([failing.id]);
  t.is(await behind.result(), 'y');
});

test('RetryLater uses no attempt, and holds the key by which the task names the limit', async (t) => {
  const { drover, clock, settle, effects } = await open(t);
  await drover.limits.set('stripe', { concurrency: 5, per: 'key' });
  const task = await drover.submit('later', { k: 'later', times: 5 }, { limits: ['stripe/acme'], maxAttempts: 1 });
  await settle();
  await drover.submit('note', 'same key', { limits: ['stripe/acme'] });
  await drover.submit('note', 'other key', { limits: ['stripe/zoo'] });
  await settle();
  t.deepEqual(effects.map(({ k }) => k), ['later', 'other key']); // prettier-ignore
  await clock.advance('31s');
  t.true(effects.some(({ k }) => k === 'same key') || effects.filter(({ k }) => k === 'later').length > 1);
  await clock.advance('5m');
  t.is(await task.result(), 6);
  t.is((await drover.get(task.id)).history.filter(({ outcome }) => outcome === 'later').length, 5);
});

test('holds by command, lowering, and removing', async (t) => {
  const { drover, clock, step, letGo, keys } = await open(t);
  await drover.limits.set('gpu', { concurrency: 2 });
  await drover.limits.hold('gpu', '10s', { reason: '429' });
  await drover.submit('gate', 'a', { limits: 'gpu' });
  await step();
  t.deepEqual(keys(), []);
  t.is((await drover.limits.list())[0]?.name, 'gpu');
  await clock.advance('11s');
  t.deepEqual(keys(), ['a']);
  await drover.submit('gate', 'b', { limits: 'gpu' });
  await drover.submit('gate', 'c', { limits: 'gpu' });
  await step();
  t.deepEqual(keys(), ['a', 'b']);
  t.like(await drover.limits.set('gpu', { concurrency: 1 }, { ifRevision: 1 }), { change: 'changed', revision: 2 });
  await letGo('a');
  t.deepEqual(keys(), ['a', 'b'], 'nothing is taken back, and nothing is handed out until it is below');
  await t.throwsAsync(drover.limits.remove('gpu'), { message: /in use.*with force/ });
  await drover.limits.remove('gpu', { force: true });
  await step();
  t.deepEqual(keys(), ['a', 'b', 'c']);
  for (const k of ['b', 'c']) await letGo(k);
  t.deepEqual(await drover.limits.list(), []);
});

test('what nobody has declared, and what does not fit, is refused', async (t) => {
  const { drover } = await open(t);
  await drover.limits.set('stripe', { rate: '100/1s', per: 'key' });
  await drover.limits.set('gpu', { concurrency: 1 });
  const refused = await t.throwsAsync(drover.submit('note', 'a', { limits: 'strip/acme' }), {
    instanceOf: UnknownLimitError,
  });
  t.like(refused, { limit: 'strip', suggestion: 'stripe', category: 'usage' });
  await t.throwsAsync(drover.submit('note', 'a', { limits: 'stripe' }), { message: /stripe\/acme.*counts per key/ });
  await t.throwsAsync(drover.submit('note', 'a', { limits: 'gpu/a' }), { message: /without a key/ });
  await t.throwsAsync(drover.submit('note', 'a', { limits: 'a b' }), { instanceOf: InvalidArgumentError });
  await t.throwsAsync(drover.limits.remove('gpus'), { instanceOf: UnknownLimitError });
  await t.throwsAsync(drover.limits.hold('nope', '1s'), { instanceOf: UnknownLimitError });
  await t.throwsAsync(drover.limits.hold('gpu/a', '1s'), { message: /without a key/ });
  await t.throwsAsync(drover.limits.set('gpu', { concurrency: 2 }, { ifRevision: 7 }), {
    instanceOf: RevisionConflictError,
    message: /limit "gpu".*revision 1/,
  });
  t.like(await drover.limits.set('gpu', { concurrency: 1 }), { change: 'unchanged', revision: 1 });
});
