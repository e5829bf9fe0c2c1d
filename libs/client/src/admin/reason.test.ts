import test from 'ava';
import { reasonOf, type Circumstances } from './reason.js';

const worker = { types: ['noop'], state: 'accepting' } as const;
const well: Circumstances = { leader: true, queuePaused: false, queueLimit: null, workers: [worker] };

test('the first obstacle that holds is the reason', (t) => {
  const cases: [Partial<Circumstances>, RegExp][] = [
    [{}, /busy/],
    [{ workers: [worker, worker] }, /all 2 workers .* busy/],
    [{ queueLimit: { maxRunning: 2, running: 2 } }, /limit of 2/],
    [{ workers: [{ ...worker, state: 'draining' }] }, /draining/],
    [{ workers: [{ ...worker, types: ['other'] }] }, /no worker offers the type 'noop'/],
    [{ workers: [] }, /no worker/],
    [{ queuePaused: true, workers: [] }, /queue 'q' is paused/],
    [{ leader: false, queuePaused: true }, /no scheduler leads/],
  ];
  for (const [circumstances, reason] of cases) t.regex(reasonOf('noop', 'q', { ...well, ...circumstances }), reason);
});
