import { defineHandlers, TaskCancelledError, type Task } from '@drover/client';
import test, { type ExecutionContext } from 'ava';
import { testDrover, type TestDrover } from '../src/index.js';

/** Called when the handler of the first of the waiting tasks begins. */
let begins = (): void => undefined;

const handlers = defineHandlers<{ note: [{ n: number }, number]; waits: [{ n: number }, number] }>({
  note: ({ n }) => n,
  waits: ({ n }, { signal }) => {
    if (n > 1) return n;
    begins();
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
  },
});

async function open(t: ExecutionContext): Promise<TestDrover<typeof handlers>> {
  const kit = await testDrover({ handlers });
  t.teardown(() => kit.close());
  return kit;
}

test('debounce: the newest runs when it is quiet, and at the latest max after the first; results follow', async (t) => {
  const { drover, clock, settle } = await open(t);
  const unique = { key: 'u', mode: 'debounce', quiet: '1s', max: '3s' } as const;
  const tasks: Task<number>[] = [];
  let lastAt = 0;
  for (let n = 1; n <= 50; n++) {
    lastAt = clock.now;
    tasks.push(await drover.submit('note', { n }, { unique }));
    await settle();
    await clock.advance(200);
  }
  await clock.advance('2s');
  const results = await Promise.all(tasks.map((task) => task.result()));
  const runs = [...new Set(results)];
  t.true(runs.length >= 3 && runs.length <= 5, String(runs));
  t.is(runs.at(-1), 50);
  results.forEach((result, at) => t.true(result >= at + 1, 'the run that covers a submit is not older than it'));
  const endedAt = await Promise.all(runs.map(async (n) => (await drover.get(tasks[n - 1]?.id ?? '')).finishedAt ?? 0));
  endedAt.slice(1).forEach((at, n) => t.true(at - (endedAt[n] ?? 0) <= 3_300, 'a burst is bounded'));
  t.true(Math.abs((endedAt.at(-1) ?? 0) - lastAt - 1_000) <= 300, 'the last one runs when it is quiet');
});

test('throttle: the first runs at once, of a window only the newest, when it is over', async (t) => {
  const { drover, clock, settle } = await open(t);
  const unique = { key: 'u', mode: 'throttle', every: '2s' } as const;
  const first = await drover.submit('note', { n: 0 }, { unique });
  t.is(await first.result(), 0);
  const firstAt = (await drover.get(first.id)).finishedAt ?? 0;
  const rest = await Promise.all(Array.from({ length: 99 }, (_, n) => drover.submit('note', { n: n + 1 }, { unique })));
  await settle();
  t.is((await rest.at(-1)!.status()).state, 'pending');
  await clock.advance('3s');
  t.deepEqual([...new Set(await Promise.all(rest.map((task) => task.result())))], [99]);
  const states = await Promise.all(rest.map(async ({ id }) => (await drover.get(id)).state));
  t.is(states.filter((state) => state === 'succeeded').length, 1, 'two runs in all');
  t.true(((await drover.get(rest[98]?.id ?? '')).finishedAt ?? 0) - firstAt >= 1_900);
});

test('throttle without a trailing run: what falls into a window has the result of who opened it', async (t) => {
  const { drover, settle } = await open(t);
  const unique = { key: 'u', mode: 'throttle', every: '2s', trailing: false } as const;
  t.is(await (await drover.submit('note', { n: 1 }, { unique })).result(), 1);
  const dropped = await drover.submit('note', { n: 2 }, { unique });
  await settle();
  t.is(await dropped.result(), 1);
});

test.serial(
  'cancel: the running handler is aborted, its result is that of the newer task, and get names it',
  async (t) => {
    const { drover } = await open(t);
    const unique = { key: 'u', mode: 'cancel' } as const;
    const hasBegun = new Promise<void>((resolve) => (begins = resolve));
    const old = await drover.submit('waits', { n: 1 }, { unique });
    await hasBegun;
    const result = old.result();
    const plain = old.result({ follow: false });
    const winner = await drover.submit('waits', { n: 2 }, { unique });
    t.is(await result, 2);
    const error = await t.throwsAsync(plain, { instanceOf: TaskCancelledError });
    t.is(error.supersededBy, winner.id);
    t.like(await drover.get(old.id), { state: 'cancelled', supersededBy: winner.id, key: 'u' });
    await t.throwsAsync(old.result({ follow: 'no' as never }), { message: /follow: expected true or false/ });
  },
);

test('first with for: a submit yields the task that ended, until its time is over', async (t) => {
  const { drover, clock, settle } = await open(t);
  const unique = { key: 'u', for: '1h' } as const;
  const first = await drover.submit('note', { n: 1 }, { unique });
  t.is(await first.result(), 1);
  await settle();
  await clock.advance('59m');
  const again = await drover.submit('note', { n: 2 }, { unique });
  t.true(again.deduplicated);
  t.is(again.id, first.id);
  t.is(await again.result(), 1);
  await clock.advance('2m');
  const later = await drover.submit('note', { n: 3 }, { unique });
  t.false(later.deduplicated);
  t.is(await later.result(), 3);
});

test.serial('a key alone, or text, is what key is today', async (t) => {
  const { drover } = await open(t);
  const [a, b] = await Promise.all([
    drover.submit('waits', { n: 1 }, { unique: 'u' }),
    drover.submit('waits', { n: 1 }, { key: 'u' }),
  ]);
  t.is(a.id, b.id);
  await a.cancel();
  await t.throwsAsync(a.result(), { instanceOf: TaskCancelledError });
});
