import test from 'ava';
import { InvalidArgumentError } from './errors.js';
import { parseDuration } from './duration.js';

test('numbers are milliseconds, text carries its unit', (t) => {
  const given: [unknown, number][] = [
    [0, 0],
    [1.4, 1],
    ['250ms', 250],
    ['1.5s', 1_500],
    ['5m', 300_000],
    ['2 h', 7_200_000],
    ['1d', 86_400_000],
    ['30', 30],
    ['2 days', 172_800_000],
    ['1 minute', 60_000],
    ['90 seconds', 90_000],
    ['1w', 604_800_000],
  ];
  for (const [value, ms] of given) t.is(parseDuration('timeout', value), ms, String(value));
});

test('anything else is refused, and the error names the argument and what was given', (t) => {
  for (const value of [
    -1,
    NaN,
    Infinity,
    '',
    's',
    '1y',
    '10 parsecs',
    '1 constructor',
    '-3s',
    '1s 2',
    null,
    undefined,
    {},
    true,
    '999999999d',
    Object.create(null),
  ]) {
    const error = t.throws(() => parseDuration('timeout', value), { instanceOf: InvalidArgumentError });
    t.is(error.argument, 'timeout');
  }
});
