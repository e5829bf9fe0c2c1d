import { RecordError } from '@drover/core';
import test from 'ava';
import { decodeResult, encodeFailure, encodeResult, encodeSucceeded, encodeWinner, eraseFromResult } from './result.js';

const SECRET = 'jane@example.org';
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

const record = encodeResult(
  {
    worker: 'w1',
    attempt: 2,
    at: 5,
    ends: [
      { from: 0, to: 2, outcome: 'succeeded' },
      { from: 2, to: 3, outcome: 'lost' },
      { from: 3, to: 5, outcome: 'failed', retryAfterMs: 7 },
      { from: 5, to: 6, outcome: 'superseded' },
    ],
  },
  [
    encodeSucceeded(`{"mail":"${SECRET}"}`, 1.5),
    encodeSucceeded('"kept"', 2),
    encodeFailure({ name: 'TypeError', message: SECRET, stack: SECRET, retryable: true }, 3),
    encodeFailure({ name: 'Error', message: 'kept', retryable: false }, 4),
    encodeWinner('01KDVDK000ABCDEFGHJKMNPQRS.1', 5),
  ],
);

test('what erased tasks said is gone; how they ended, and what others said, stays', (t) => {
  const erased = eraseFromResult('/r', utf8(record), new Set([0, 2, 3, 5])) ?? '';
  t.false(erased.includes(SECRET));
  const before = decodeResult('/r', utf8(record));
  const after = decodeResult('/r', utf8(erased));
  t.deepEqual(after.header, before.header);
  t.deepEqual(
    after.ends.map(({ line }) => line),
    [
      { result: null, ms: 1.5 },
      { result: 'kept', ms: 2 },
      null,
      { error: { name: 'TypeError', message: 'the text of this error was erased', retryable: true }, ms: 3 },
      { error: { name: 'Error', message: 'kept', retryable: false }, ms: 4 },
      { winner: '01KDVDK000ABCDEFGHJKMNPQRS.1', ms: 5 },
    ],
  );
  t.is(eraseFromResult('/r', utf8(erased), new Set([0, 2, 3, 5])), null, 'twice changes nothing');
  t.is(eraseFromResult('/r', utf8(record), new Set([2, 9])), null);
});

test('a record of a later version, and garbage, are left as they are', (t) => {
  const newer = record.replace('{"v":1', '{"v":3');
  for (const data of [newer, 'x', record.slice(0, -5)])
    t.throws(() => eraseFromResult('/r', utf8(data), new Set([0])), { instanceOf: RecordError });
});
