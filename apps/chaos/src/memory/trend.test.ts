import test from 'ava';
import { trendsOf } from './trend.js';

const MIB = 1_048_576;
const sample = (minute: number, mib: number, pid = 1) => ({ at: minute * 60_000, name: 's1', pid, rss: mib * MIB });

test('growth is that of the second half, when a process has warmed up', (t) => {
  const warming = Array.from({ length: 60 }, (_, minute) => sample(minute, minute < 30 ? minute : 30));
  const [flat] = trendsOf(warming, 'rss');
  t.like(flat, { name: 's1', firstMib: 0, lastMib: 30, maxMib: 30 });
  t.true(Math.abs(flat?.mibPerHour ?? NaN) < 1e-6);
  const leaking = Array.from({ length: 60 }, (_, minute) => sample(minute, 50 + minute / 6));
  t.true(Math.abs((trendsOf(leaking, 'rss')[0]?.mibPerHour ?? NaN) - 10) < 1e-6);
});

test('what a collection takes back is no growth: the least of each minute counts', (t) => {
  const saw = Array.from({ length: 600 }, (_, n) => ({ ...sample(n / 10, 0), heap: (20 + (n % 10)) * MIB }));
  t.true(Math.abs(trendsOf(saw, 'heap')[0]?.mibPerHour ?? NaN) < 1e-6);
});

test('only the last life of a process counts; where nothing was told there is no trend', (t) => {
  const [trend] = trendsOf([sample(0, 90), sample(1, 95), sample(2, 40, 2), sample(3, 40, 2)], 'rss');
  t.like(trend, { firstMib: 40, lastMib: 40, maxMib: 40 });
  t.deepEqual(trendsOf([sample(0, 90)], 'heap'), []);
});
