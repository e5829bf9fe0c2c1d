import test from 'ava';
import { simulate } from '../src/index.js';

const PER_TEST = 25;

/** One test for so many worlds each, so that one sees where it is. */
export function everyRuleHolds(from: number, to: number): void {
  for (let first = from; first < to; first += PER_TEST) {
    const last = Math.min(first + PER_TEST, to) - 1;
    test.serial(`every rule holds, seeds ${first} to ${last}`, async (t) => {
      for (let seed = first; seed <= last; seed++) {
        const { findings } = await simulate({ seed });
        t.deepEqual(findings, [], `npm run simulate -- --seed ${seed} --trace`);
      }
    });
  }
}
