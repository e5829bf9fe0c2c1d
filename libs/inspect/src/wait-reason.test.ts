import test from 'ava';
import { reasonOf, type Circumstances } from './wait-reason.js';

const worker = { types: ['noop'], state: 'accepting' } as const;
const well: Circumstances = { leader: true, queuePaused: false, pausedBy: null, queueLimit: null, workers: [worker] };

test('the first obstacle that holds is the reason', (t) => {
  const cases: [Partial<Circumstances>, RegExp][] = [
    [{}, /^no free worker yet \(1 worker offers noop\)$/],
    [{ workers: [worker, worker] }, /\(2 workers offer noop\)/],
    [{ queueLimit: { maxRunning: 2, out: 2 } }, /limit of 2/],
    [{ workers: [{ ...worker, state: 'draining' }] }, /draining/],
    [{ workers: [{ ...worker, types: ['other'] }] }, /^no worker offers noop$/],
    [{ workers: [] }, /^no workers$/],
    [{ queuePaused: true, workers: [] }, /^queue q is paused$/],
    [{ queuePaused: true, pausedBy: { by: 'ada', reason: 'provider down' } }, /paused by ada: provider down$/],
    [{ leader: false, queuePaused: true }, /no scheduler leads/],
  ];
  for (const [circumstances, reason] of cases) t.regex(reasonOf('noop', 'q', { ...well, ...circumstances }), reason);
});
