import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { Cron } from 'croner';
import { patternOf } from './cron.js';

const field = (min: number, max: number): fc.Arbitrary<string> => {
  const number = fc.integer({ min, max });
  const range = fc.tuple(number, number).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
  const step = fc.integer({ min: 1, max: max - min }).map((by) => `*/${by}`);
  const list = fc
    .array(fc.oneof(number.map(String), range), { minLength: 1, maxLength: 3 })
    .map((parts) => parts.join(','));
  return fc.oneof({ weight: 2, arbitrary: fc.constant('*') }, number.map(String), list, step);
};
const dayOfMonth = fc.oneof(
  { weight: 4, arbitrary: field(1, 28) },
  fc.constantFrom('L', 'LW', '15W', '1W', '31', '1,L', '?'),
);
const dayOfWeek = fc.oneof(
  { weight: 4, arbitrary: field(0, 6) },
  fc.constantFrom('MON-FRI', '+FRI', 'SUN#1', 'TUEL', '7', '+1-5'),
);
const text = fc
  .tuple(field(0, 59), field(0, 59), field(0, 23), dayOfMonth, fc.oneof(field(1, 12), fc.constant('FEB')), dayOfWeek)
  .map((fields) => fields.join(' '));
const wall = fc.integer({ min: Date.UTC(1970, 0, 1), max: Date.UTC(2090, 0, 1) });

testProp('the tables find what croner itself finds', [text, wall], (t, given, after) => {
  const theirs = new Cron(given, { utcOffset: 0, paused: true }).nextRun(new Date(after))?.getTime() ?? Infinity;
  const ours = patternOf('cron', given, undefined).next(after);
  t.is(ours, theirs - after > 10 * 366 * 86_400_000 ? Infinity : theirs, given);
});

test('five fields exclude whole minutes, six whole seconds, and * whole hours and days', (t) => {
  const end = (cron: string, iso: string): string =>
    new Date(patternOf('cron', cron, undefined).namedUntil(Date.parse(iso))).toISOString();
  t.is(end('5 2 * * *', '2026-01-01T02:05:30Z'), '2026-01-01T02:06:00.000Z');
  t.is(end('30 5 2 * * *', '2026-01-01T02:05:30.500Z'), '2026-01-01T02:05:31.000Z');
  t.is(end('30 5 2 * * *', '2026-01-01T02:05:31Z'), '2026-01-01T02:05:31.000Z', 'not named');
  t.is(end('* 2 * * *', '2026-01-01T02:05:30Z'), '2026-01-01T03:00:00.000Z');
  t.is(end('* * 1 * *', '2026-01-01T02:05:30Z'), '2026-01-02T00:00:00.000Z');
  t.is(end('* * 1 * *', '2026-01-02T02:05:30Z'), '2026-01-02T02:05:30.000Z', 'not named');
});
