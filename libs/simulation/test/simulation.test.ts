import test from 'ava';
import { simulate, traceLine } from '../src/index.js';

test('the same seed gives the same trace', async (t) => {
  const traceOf = async (seed: number): Promise<string[]> => {
    const lines: string[] = [];
    await simulate({ seed, trace: (atMs, who, text) => lines.push(traceLine(atMs, who, text)) });
    return lines;
  };
  const [first, second, other] = [await traceOf(3), await traceOf(3), await traceOf(4)];
  t.deepEqual(second, first);
  t.notDeepEqual(other, first);
});

test('without faults every rule holds, and a handler begins once per attempt', async (t) => {
  for (let seed = 1; seed <= 20; seed++) {
    const { findings, tasks, started } = await simulate({ seed, trace: () => undefined, settings: { faults: [] } });
    t.deepEqual(findings, [], `seed ${seed}`);
    t.true(tasks > 0 && started > 0);
  }
});
