import test from 'ava';
import { simulate, traceLine, type Outcome } from '../src/index.js';

async function traced(seed: number): Promise<{ lines: string[]; outcome: Outcome }> {
  const lines: string[] = [];
  const outcome = await simulate({ seed, trace: (atMs, who, text) => lines.push(traceLine(atMs, who, text)) });
  return { lines, outcome };
}

test.serial('the same seed gives the same trace, and the same world where nobody listens', async (t) => {
  const [first, second, other] = [await traced(3), await traced(3), await traced(4)];
  t.true(first.lines.length > 100);
  t.deepEqual(second, first);
  t.notDeepEqual(other.lines, first.lines);
  t.deepEqual(await simulate({ seed: 3 }), first.outcome);
});

test.serial('without faults every rule holds', async (t) => {
  for (let seed = 1; seed <= 8; seed++) {
    const { findings, tasks, started } = await simulate({ seed, settings: { faults: [] } });
    t.deepEqual(findings, [], `seed ${seed}, without faults`);
    t.true(tasks > 0 && started > 0);
  }
});

/** Each broke a rule once, by a fault of Drover or of the simulation. */
const MENDED = [3_465, 11_310, 20_645, 21_647, 30_341, 34_458, 143_222, 300_005];

test.serial('worlds that broke a rule once hold', async (t) => {
  for (const seed of MENDED) t.deepEqual((await simulate({ seed })).findings, [], `seed ${seed}`);
});
