import test from 'ava';
import { backOffMs } from './back-off.js';

test('the pause doubles up to half a minute, and chance takes up to half of it away', (t) => {
  t.deepEqual(
    [1, 2, 3, 9, 99].map((failures) => backOffMs(failures, 0)),
    [1_000, 2_000, 4_000, 30_000, 30_000],
  );
  t.is(backOffMs(1, 1), 500);
  t.is(backOffMs(99, 1), 15_000);
});
