import test from 'ava';
import fc from 'fast-check';
import { TARGETS } from './targets.js';

const RUNS = 500;
const FEWEST = 100;

for (const { name, share, property } of TARGETS) {
  test(`garbage does no harm: ${name}`, async (t) => {
    await fc.assert(property, { numRuns: Math.max(FEWEST, Math.ceil(RUNS * Math.min(share, 1))) });
    t.pass();
  });
}
