import test from 'ava';
import { ABLATION_NAMES, SHORT, simulate, traceLine } from '../src/index.js';

const PER_TEST = 20;
const TESTS = 10;

test.serial('the same seed gives the same trace', async (t) => {
  const traceOf = async (seed: number): Promise<string[]> => {
    const lines: string[] = [];
    await simulate({ seed, trace: (atMs, who, text) => lines.push(traceLine(atMs, who, text)) });
    return lines;
  };
  const [first, second, other] = [await traceOf(3), await traceOf(3), await traceOf(4)];
  t.true(first.length > 100);
  t.deepEqual(second, first);
  t.notDeepEqual(other, first);
});

test.serial('without faults every rule holds', async (t) => {
  for (let seed = 1; seed <= PER_TEST; seed++) {
    const settings = { ...SHORT, faults: [] };
    const { findings, tasks, started } = await simulate({ seed, trace: () => undefined, settings });
    t.deepEqual(findings, [], `seed ${seed}, without faults`);
    t.true(tasks > 0 && started > 0);
  }
});

for (let from = 0; from < TESTS * PER_TEST; from += PER_TEST) {
  test.serial(`every rule holds, seeds ${from} to ${from + PER_TEST - 1}`, async (t) => {
    for (let seed = from; seed < from + PER_TEST; seed++) {
      const { findings } = await simulate({ seed, trace: () => undefined, settings: SHORT });
      t.deepEqual(findings, [], `npm run simulate -- --short --seed ${seed} --trace`);
    }
  });
}

/** Most are noticed within ten seeds. */
const NOTICED_WITHIN = 200;

for (const without of ABLATION_NAMES) {
  test.serial(`without '${without}' a rule is broken`, async (t) => {
    for (let seed = 1; seed <= NOTICED_WITHIN; seed++) {
      const { findings } = await simulate({ seed, trace: () => undefined, without });
      if (findings.length > 0) return t.pass();
    }
    return t.fail(`${NOTICED_WITHIN} seeds, and nobody noticed`);
  });
}
