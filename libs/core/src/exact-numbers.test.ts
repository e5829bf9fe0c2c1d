import test from 'ava';
import { findChangedNumber } from './exact-numbers.js';

test('numbers that reading would change are found, wherever they stand', (t) => {
  for (const number of [
    '12345678901234567890',
    '-9007199254740993',
    '1e400',
    '-1E+999',
    '1e-400',
    `1${'0'.repeat(400)}`,
  ])
    for (const json of [number, `[1,${number}]`, `{"a":{"b":[${number}]}}`, `{"x":"1e400","y":${number}}`])
      t.is(findChangedNumber(json), number, json);
});

test('numbers that survive, or are rounded as doubles are, pass', (t) => {
  const good = [
    ...['0', '-0', '9007199254740991', '-9007199254740992', '12345678901234567000', '12345678901234567168', '1e21'],
    ...['0.1000000000000000055511151231257827', '3.14159265358979323846', '1e308', '1e-300', '0e999', '0.0e-999'],
  ];
  for (const number of good) t.is(findChangedNumber(`{"a":${number}}`), null, number);
});

test('digits inside strings are text', (t) => {
  for (const json of ['"12345678901234567890"', '{"1e400":"\\"12345678901234567890"}', '"\\\\ 1e400"'])
    t.is(findChangedNumber(json), null, json);
});
