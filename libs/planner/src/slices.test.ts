import test from 'ava';
import { decideAll, world } from '../test/decide.js';
import { LOOKS } from './pages.js';
import type { Slices } from './slices.js';

const MANY = 500;
/** A clock that a look finds moved on each time: a call takes one step. */
const ONE_STEP = { ms: 0, clock: () => 0 };

/** The answer, and in how many steps it was found. */
function inSteps<Found>(slices: Slices<Found>): { answer: Found; steps: number } {
  let steps = 1;
  for (;;) {
    const found = slices.goOn(ONE_STEP);
    if (found !== null) return { ...found, steps };
    steps++;
  }
}

test('numbers for an autoscaler are found a few looks at a time, however many tenants a queue has', (t) => {
  const w = world();
  w.join('w', { capacity: 4 });
  for (let n = 0; n < MANY; n++) w.submit('q', [{ count: 2, tenant: `t${n}` }]);
  decideAll(w);
  for (const [request, least] of [
    [{ queue: 'q', type: null }, MANY / LOOKS],
    [{ queue: 'q', type: 't' }, MANY / LOOKS],
    [{ queue: null, type: null }, 1],
  ] as const) {
    const { answer, steps } = inSteps(w.planner.scaling(request));
    t.is(answer.pending + answer.out, 2 * MANY);
    t.is(answer.capacity, 4);
    t.true(steps >= Math.floor(least), `${steps} steps`);
    t.deepEqual(w.planner.scaling(request).all(), answer);
  }
  t.is(w.planner.scaling({ queue: 'none', type: null }).all().pending, 0);
});

test('the busiest keys of a limit are found a few looks at a time, and the others are counted', (t) => {
  const w = world();
  w.limit('api', { concurrency: 1, rate: null, on: null, per: 'key' });
  w.join('w', { capacity: 2 * MANY });
  for (let n = 0; n < MANY; n++) w.submit('q', [{ count: n === 7 ? 5 : 2, limits: [`api/k${n}`] }]);
  decideAll(w);
  const { answer, steps } = inSteps(w.planner.limits(3));
  t.true(steps >= Math.floor(MANY / LOOKS), `${steps} steps`);
  t.like(answer[0], { name: 'api', waitingKeys: MANY, waitingTasks: MANY + 3, out: MANY, keysLeftOut: MANY - 3 });
  t.deepEqual(
    answer[0]?.keys.map(({ key, waiting }) => [key, waiting]),
    [
      ['k7', 4],
      ['k0', 1],
      ['k1', 1],
    ],
  );
  t.deepEqual(w.planner.undeclaredLimits(), []);
  w.submit('q', [{ count: 1, limits: ['other'] }]);
  decideAll(w);
  t.deepEqual(w.planner.undeclaredLimits(), ['other']);
});
