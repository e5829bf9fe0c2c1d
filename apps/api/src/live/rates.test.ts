import test from 'ava';
import { Rates } from './rates.js';

test('rates are of the last ten seconds', (t) => {
  const rates = new Rates();
  t.deepEqual(rates.get(), { submitted: 0, finished: 0, failed: 0 });
  for (let second = 0; second <= 30; second++)
    rates.add(second * 1_000, { submitted: second <= 20 ? 0 : (second - 20) * 100, finished: second, failed: 0 });
  t.deepEqual(rates.get(), { submitted: 100, finished: 1, failed: 0 });
});
