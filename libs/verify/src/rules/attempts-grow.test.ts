import test from 'ava';
import { check, end, fault, start, type Lines } from '../../test/lines.js';

const judge = (lines: Lines) => check('attempts and tokens grow', lines, { sessionTimeoutMs: 1_000, tickMs: 100 });

test('attempts that grow with their tokens hold, also where some never began', async (t) => {
  t.is((await judge({ effects: [start(1), start(2, 2), start(3, 7)] })).verdict, 'held');
  t.is((await judge({})).verdict, 'not checked');
});

test('tokens are compared as the numbers they are, beyond what a double holds', async (t) => {
  const effects = [start(1, 1, { token: '9007199254740993' }), start(2, 2, { token: '9007199254740992' })];
  t.regex((await judge({ effects, faults: [] })).first?.what ?? '', /attempt 1 has a greater token than attempt 2/);
});

test('an attempt that began twice is broken, unless a worker that stopped had handed it back', async (t) => {
  const twice = [start(1), start(5, 1, { token: 11, worker: 'w2' })];
  t.is((await judge({ effects: twice })).first?.what, 'attempt 1 began twice');
  t.is((await judge({ effects: [...twice, end(3, 1, { type: 'aborted', cause: 'stopping' })] })).verdict, 'held');
});

test('two starts with one token are broken', async (t) => {
  t.regex((await judge({ effects: [start(1), start(2)] })).first?.what ?? '', /with the same token/);
});

test('an old attempt may begin after a newer one only at a worker that was cut off', async (t) => {
  const effects = [start(5_000, 2, { worker: 'w2' }), start(6_000, 1)];
  const faults = (workers: string[]) => fault(1, 3_000, 5_900, { workers });
  t.is((await judge({ effects, faults: faults(['w1']) })).verdict, 'held');
  const { first } = await judge({ effects, faults: faults(['w2']) });
  t.is(first?.what, 'attempt 1 began after attempt 2, and no fault of w1 explains it');
});
