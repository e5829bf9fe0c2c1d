import test from 'ava';
import { bytes, count, counted, duration, percent, rate, roughly, shortened } from './format.js';

test('numbers have their thousands, and a word for one and for many', (t) => {
  t.is(count(912_334), '912,334');
  t.is(counted(1, 'task'), '1 task');
  t.is(counted(1_200, 'task'), '1,200 tasks');
  t.is(percent(1, 3), '33%');
  t.is(percent(0, 0), '0%');
});

test('a rate has a digit behind the point only while it is small', (t) => {
  t.deepEqual([0, 0.44, 99.94, 9_100.5].map(rate), ['0', '0.4', '99.9', '9,101']);
});

test('a duration has its two largest units', (t) => {
  const given = [-5, 850, 1_500, 12_900, 245_000, 300_000, 12_000_000, 187_200_000];
  const shown = ['0 ms', '850 ms', '1.5 s', '12 s', '4 min 5 s', '5 min', '3 h 20 min', '2 d 4 h'];
  t.deepEqual(given.map(duration), shown);
  t.deepEqual([999, 59_999, 60_000, 86_400_000].map(roughly), ['0 s', '59 s', '1 min', '1 d']);
});

test('sizes go in steps of 1,024', (t) => {
  t.deepEqual([0, 512, 65_536, 1_572_864].map(bytes), ['0 B', '512 B', '64 kB', '1.5 MB']);
});

test('text in one line, cut where it is long', (t) => {
  t.is(shortened(' a\n  b ', 10), 'a b');
  t.is(shortened('abcdef', 4), 'abc…');
});
