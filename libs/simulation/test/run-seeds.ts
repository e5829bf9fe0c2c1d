import test from 'ava';
import { simulate, type Outcome } from '../src/index.js';

const PER_TEST = 10;
/** The least of a mean world. */
const EVENTFUL = { faults: 20, epochs: 3, revoked: 3, tasks: 75, fires: 2, preempted: 0.02, copies: 0.02 };

/** One test for so many worlds each, so that one sees where it is; then one that they were not trivial. */
export function everyRuleHolds(from: number, to: number): void {
  const outcomes: Outcome[] = [];
  for (let first = from; first < to; first += PER_TEST) {
    const last = Math.min(first + PER_TEST, to) - 1;
    test.serial(`every rule holds, seeds ${first} to ${last}`, async (t) => {
      for (let seed = first; seed <= last; seed++) {
        const outcome = await simulate({ seed });
        t.deepEqual(outcome.findings, [], `npm run simulate -- --seed ${seed} --trace`);
        outcomes.push(outcome);
      }
    });
  }
  test.serial('these worlds were not trivial: leaders changed, work moved, there was much to do', (t) => {
    for (const [name, least] of Object.entries(EVENTFUL) as [keyof typeof EVENTFUL, number][]) {
      const sum = outcomes.reduce((total, outcome) => total + outcome[name], 0);
      t.true(sum > least * (to - from), `${name}: ${sum}`);
    }
  });
}
