import test from 'ava';
import { monthAfter, sheetOf, wallOf } from './month.js';

const fire = (nominal: string): { nominal: string; due: string } => ({ nominal, due: nominal });

test('a sheet has whole weeks from Monday', (t) => {
  const sheet = sheetOf('2026-11', [], 'UTC', Date.parse('2026-11-29T12:00:00Z'));
  t.is(sheet.length, 42);
  t.is(sheet[0]?.date, '2026-10-26');
  t.is(sheet.filter((day) => day.inMonth).length, 30);
  t.deepEqual(
    sheet.filter((day) => day.isToday).map((day) => day.date),
    ['2026-11-29'],
  );
  t.is(sheetOf('2027-02', [], 'UTC', 0).length, 28);
});

test('fires are on the day that the clock of the zone shows', (t) => {
  const sheet = sheetOf('2026-11', [fire('2026-11-09T23:30:00Z'), fire('2026-11-10T23:30:00Z')], 'Europe/Berlin', 0);
  t.deepEqual(sheet.find((day) => day.date === '2026-11-10')?.fires, ['00:30']);
  t.deepEqual(sheet.find((day) => day.date === '2026-11-09')?.fires, []);
});

test('the wall clock of a zone', (t) => {
  t.deepEqual(wallOf(Date.parse('2026-03-29T01:30:00Z'), 'Europe/Berlin'), { date: '2026-03-29', time: '03:30' });
  t.is(wallOf(10_000, 'UTC').time, '00:00:10');
  t.throws(() => wallOf(0, 'Nowhere/Land'), { instanceOf: RangeError });
});

test('months before and after', (t) => {
  t.is(monthAfter('2026-12', 1), '2027-01');
  t.is(monthAfter('2026-01', -1), '2025-12');
});
