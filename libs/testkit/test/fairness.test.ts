import { defineHandlers } from '@drover/client';
import test, { type ExecutionContext } from 'ava';
import { testDrover } from '../src/index.js';

interface Spending {
  readonly tenant: string;
  readonly from: number;
  readonly until: number;
  readonly end: () => void;
}

/** A worker whose tasks take as long as they say, by the clock of the test. */
async function open(t: ExecutionContext) {
  let running: Spending[] = [];
  let now = (): number => 0;
  const handlers = defineHandlers<{ spend: [{ tenant: string; ms: number }, null] }>({
    spend: ({ tenant, ms }) =>
      new Promise((resolve) => running.push({ tenant, from: now(), until: now() + ms, end: () => resolve(null) })),
  });
  const { drover, clock, close } = await testDrover({ handlers, concurrency: 2, patience: 1 });
  now = () => clock.now;
  t.teardown(close);
  const spent = new Map<string, number>();
  /** Returns the milliseconds of the worker's places that each tenant has got so far. */
  const work = async (forMs: number): Promise<ReadonlyMap<string, number>> => {
    for (const until = clock.now + forMs; clock.now < until;) {
      await clock.advance(2);
      const over = running.filter((task) => task.until <= clock.now);
      running = running.filter((task) => !over.includes(task));
      for (const { tenant, from, end } of over) {
        // The clock may have moved further: a worker gathers what has ended, and that takes it some milliseconds.
        spent.set(tenant, (spent.get(tenant) ?? 0) + clock.now - from);
        end();
      }
    }
    return spent;
  };
  return { drover, work };
}

test('tenants that share by time get as much of the worker, whatever one task of theirs takes', async (t) => {
  const { drover, work } = await open(t);
  await drover.configureQueue('media', { fairness: 'time' });
  const tasks = (tenant: string, ms: number, count: number) =>
    Array.from({ length: count }, () => ({ type: 'spend' as const, payload: { tenant, ms }, tenant }));
  const all = [...tasks('slow', 100, 60), ...tasks('fast', 10, 600)];
  let stored = 0;
  for await (const _ of drover.submitMany(all, { queue: 'media' })) stored++;
  t.is(stored, all.length);
  const spent = await work(4_000);
  const [slow = 0, fast = 0] = [spent.get('slow'), spent.get('fast')];
  // 1 : 1, and at most a tenth more for either.
  t.true(Math.abs(slow - fast) <= 0.05 * (slow + fast), `${slow} ms and ${fast} ms`);
});
