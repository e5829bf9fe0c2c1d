import test from 'ava';
import { entriesOf, inWords, plainCron, zoneOf } from './when-words.js';

test('the patterns that most schedules have are told in words', (t) => {
  t.is(plainCron('30 2 * * *'), '02:30 every day');
  t.is(plainCron('0 9 * * MON-FRI'), '09:00 on weekdays');
  t.is(plainCron('*/5 * * * *'), 'every 5 minutes');
  t.is(plainCron('15 * * * *'), '15 minutes past each hour');
  t.is(plainCron('0 0 1 * *'), '00:00 on day 1 of each month');
  t.is(plainCron('0 9 * * mon'), '09:00 on Mondays');
  t.is(plainCron('0 9 1 1 *'), null);
  t.is(plainCron('H 4 * * *'), null);
});

test('an entry in words has its zone and its bounds', (t) => {
  t.is(
    inWords({ cron: '30 2 * * *', tz: 'Europe/Berlin', maxFires: 3 }),
    '02:30 every day, Europe/Berlin, 3 times at most',
  );
  t.is(inWords({ cron: '0 0 1 * *' }), '00:00 on day 1 of each month, UTC');
  t.is(inWords({ every: 90_000, phase: 2_000 }), 'every 90s, 2s later');
  t.is(inWords({ everyAfter: '5m' }), '5m after the last one ended');
  t.is(inWords({ at: '2026-12-24T18:00:00Z' }), 'once, at 2026-12-24T18:00:00Z');
});

test('a definition with one entry and with a list of them', (t) => {
  t.is(entriesOf({ when: { cron: 'a' } }).length, 1);
  t.is(entriesOf({ when: [{ cron: 'a' }, { every: 1_000 }, null] }).length, 2);
  t.is(zoneOf({ when: [{ cron: 'a', tz: 'Asia/Tokyo' }] }), 'Asia/Tokyo');
  t.is(zoneOf({}), 'UTC');
});
