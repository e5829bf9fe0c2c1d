import test from 'ava';
import { check, fault, start, submit, told, type Lines } from '../../test/lines.js';

const settings = { sessionTimeoutMs: 1_000, tickMs: 100, handOutMs: 50, endBoundMs: 500, recoveryMs: 500 };
const judge = (lines: Lines) => check('expiry and deadlines hold', { faults: [], ...lines }, settings);

test('a first start before it expires holds, with its delay; later ones are broken, unless its worker could not know', async (t) => {
  const operations = submit(0, { expiresMs: 1_000, delayMs: 200 });
  t.is((await judge({ operations, effects: [start(1_251)] })).verdict, 'held');
  const late = { operations, effects: [start(1_252)] };
  t.is((await judge(late)).first?.what, 'attempt 1 began 51 ms after it expired');
  t.is((await judge({ ...late, faults: fault(1, 900, 1_240, { workers: ['w1'] }) })).verdict, 'held');
  t.is((await judge({ ...late, faults: fault(1, 900, 1_240, { workers: [], leader: 'killed' }) })).verdict, 'broken');
});

test('what began in time goes on with all its attempts; behind a deadline none begins', async (t) => {
  const effects = [start(900), start(2_000, 2)];
  t.is((await judge({ operations: submit(0, { expiresMs: 1_000 }), effects })).verdict, 'held');
  const { first } = await judge({ operations: submit(0, { deadlineMs: 1_000 }), effects });
  t.is(first?.what, 'attempt 2 began 999 ms after its deadline');
});

test('the end is told soon after the deadline, where nothing was done to the system', async (t) => {
  const operations = [
    ...submit(0, { deadlineMs: 1_000 }),
    { at: 2, type: 'invoke', op: 'result', task: 't', call: 1 },
    told(1_502, { outcome: 'failed', call: 1 }),
  ];
  t.is((await judge({ operations })).first?.what, 'its end was told 501 ms after its deadline');
  t.is((await judge({ operations, faults: fault(1, 200, 300, { workers: [], leader: 'killed' }) })).verdict, 'held');
  t.is((await judge({ operations: submit(0, { deadlineMs: 1_000 }), effects: [start(5)] })).verdict, 'held');
});
