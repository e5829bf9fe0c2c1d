import { decodeResultHeader, encodeResult } from '@drover/protocol';
import test from 'ava';
import { toEnded } from './ended.js';

const error = { name: 'Error', message: 'busy', retryable: true };

test('whatever delay an executor gives, the report can be read, and the delay is a year at most', (t) => {
  for (const [given, told] of [
    [250, 250],
    [Number.POSITIVE_INFINITY, 31_536_000_000],
    [1e300, 31_536_000_000],
    [-1, undefined],
    [Number.NaN, undefined],
    ['1s' as never, undefined],
  ] as const) {
    const { outcome, line, retryAfterMs } = toEnded({ outcome: 'failed', error, retryAfterMs: given }, 1);
    t.is(retryAfterMs, told);
    const ends = [{ from: 0, to: 1, outcome, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }];
    const text = encodeResult({ worker: 'w-1', attempt: 1, at: 0, ends }, [line ?? '']);
    t.deepEqual(decodeResultHeader('/r', Buffer.from(text)).ends, ends);
  }
});
