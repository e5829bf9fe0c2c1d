import test from 'ava';
import { InvalidArgumentError } from './errors.js';
import { parseRate } from './rate.js';

test('a rate is a number in a time', (t) => {
  t.deepEqual(parseRate('rate', '100/1s'), { count: 100, perMs: 1_000 });
  t.deepEqual(parseRate('rate', ' 5/m '), { count: 5, perMs: 60_000 });
  t.deepEqual(parseRate('rate', '1/250ms'), { count: 1, perMs: 250 });
  t.deepEqual(parseRate('rate', '3/1.5h'), { count: 3, perMs: 5_400_000 });
});

test('anything else is refused, and the error says what is expected', (t) => {
  const wrong = [
    '',
    '100',
    '0/1s',
    '-1/s',
    '1.5/s',
    '5/0s',
    '5/soon',
    '/s',
    '5/',
    '5/7',
    '10000000/s',
    '1/11 years',
    5,
    null,
    {},
  ];
  for (const given of wrong) {
    const error = t.throws(() => parseRate('rate', given), { instanceOf: InvalidArgumentError }, JSON.stringify(given));
    t.is(error.argument, 'rate');
  }
});
