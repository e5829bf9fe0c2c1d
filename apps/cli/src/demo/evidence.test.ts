import test from 'ava';
import { countPrimes, countPrimesBySieve, sumOfSquares, sumOfSquaresByFormula, textFacts } from './compute.js';
import { countRuns, gatherEvidence } from './evidence.js';
import type { JobTask } from './job.js';
import type { Held } from './znodes.js';

const COUNT = 24;
const held = (successes = 1, result = '1'): Held => ({ successes, result, attempt: 1, worker: 'w1' });
const jobTask = (index: number, outcome: JobTask['outcome'] = { result: 1 }): JobTask => ({
  id: `t.${index}`,
  task: { type: 'demo.primes', expected: async () => 1 },
  outcome,
});

/** A job that went well, after `change`; answers which of the five checks hold. */
async function checked(change: (world: ReturnType<typeof goodWorld>) => void = () => undefined): Promise<boolean[]> {
  const world = goodWorld();
  change(world);
  const checks = await gatherEvidence(COUNT, world.job, world.held, world.runs);
  return checks.map(({ ok }) => ok);
}

function goodWorld() {
  const job = Array.from({ length: COUNT }, (_, index) => jobTask(index));
  return {
    job,
    held: new Map(job.map(({ id }) => [id, held()])),
    runs: countRuns(job.map(({ id }) => `${id} 1 w1\n`).join('')),
  };
}

test('a good job passes all checks', async (t) => {
  t.deepEqual(await checked(), [true, true, true, true, true]);
});

test('each fault fails its check', async (t) => {
  t.false((await checked(({ job }) => job.pop()))[0], 'a submit that was lost');
  t.false((await checked(({ job }) => (job[1]!.outcome = { error: 'x' })))[0], 'a result that was lost');
  t.false((await checked((world) => world.held.set('t.3', held(2))))[1], 'two successes');
  t.false((await checked((world) => world.held.set('t.3', held(0))))[1], 'no success');
  t.false((await checked((world) => world.held.set('other', held())))[1], 'a task of nobody');
  t.false((await checked((world) => world.held.set('t.3', held(1, '2'))))[2], 'another result');
  t.false((await checked(({ runs }) => runs.delete('t.3')))[3], 'a task that never ran');
  t.false((await checked(({ job }) => (job[0]!.outcome = { result: 2 })))[4], 'a wrong result');
});

test('what the tasks compute agrees with the other way to compute it', (t) => {
  t.is(sumOfSquares(1_000), sumOfSquaresByFormula(1_000));
  t.is(countPrimes(0, 100), 25);
  t.is(countPrimes(1_000, 3_000), countPrimesBySieve(1_000, 3_000));
  t.like(textFacts(Buffer.from('one two\nthree')), { bytes: 13, lines: 2, words: 3 });
});
