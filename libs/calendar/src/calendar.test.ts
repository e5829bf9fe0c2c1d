import test from 'ava';
import { compile, datesOf, parseWhen, preview, Zone, zoneNamed, type Spread, type WhenEntry } from './index.js';

const at = (text: string): number => Date.parse(text);

/** The first `count` nominal times after `after`, as text without `.000`. */
function times(when: WhenEntry | WhenEntry[], after: string, count: number, spread: Spread = {}): string[] {
  const calendar = compile(parseWhen('when', when), spread);
  return preview(calendar, { after: at(after), count, ...spread }).map(({ nominal }) => shown(nominal));
}

function shown(ms: number): string {
  return new Date(ms).toISOString().replace('.000', '');
}

const berlin = (cron: string, more: Partial<WhenEntry> = {}): WhenEntry => ({ cron, tz: 'Europe/Berlin', ...more });

test('in a gap: at the first instant after it, once', (t) => {
  t.deepEqual(times(berlin('30 2 * * *'), '2026-03-28T12:00Z', 3), [
    '2026-03-29T01:00:00Z',
    '2026-03-30T00:30:00Z',
    '2026-03-31T00:30:00Z',
  ]);
  t.deepEqual(times(berlin('0 2,3 * * *'), '2026-03-28T12:00Z', 3), [
    '2026-03-29T01:00:00Z',
    '2026-03-30T00:00:00Z',
    '2026-03-30T01:00:00Z',
  ]);
});

test('in an overlap: the first time only', (t) => {
  t.deepEqual(times(berlin('30 2 * * *'), '2026-10-24T12:00Z', 3), [
    '2026-10-25T00:30:00Z',
    '2026-10-26T01:30:00Z',
    '2026-10-27T01:30:00Z',
  ]);
});

test('a pattern that repeats follows elapsed time through gap and overlap', (t) => {
  const calendar = compile(parseWhen('when', berlin('*/30 * * * *')));
  t.is(calendar.between(at('2026-03-28T12:00Z'), at('2026-03-30T00:00Z'), 1_000).length, 72);
  t.is(calendar.between(at('2026-10-24T12:00Z'), at('2026-10-26T00:00Z'), 1_000).length, 72);
});

test('literal: what the clock shows, not at all or twice', (t) => {
  const literal = berlin('30 2 * * *', { dst: 'literal' });
  t.deepEqual(times(literal, '2026-03-28T12:00Z', 1), ['2026-03-30T00:30:00Z']);
  t.deepEqual(times(literal, '2026-10-24T12:00Z', 3), [
    '2026-10-25T00:30:00Z',
    '2026-10-25T01:30:00Z',
    '2026-10-26T01:30:00Z',
  ]);
});

test('clocks that are changed in other ways', (t) => {
  const nuuk = { cron: '0 23 * * *', tz: 'America/Nuuk' };
  t.deepEqual(times(nuuk, '2026-03-28T12:00Z', 2), ['2026-03-29T01:00:00Z', '2026-03-30T00:00:00Z'], 'before midnight');
  const lordHowe = { cron: '15 2 * * *', tz: 'Australia/Lord_Howe' };
  t.deepEqual(
    times(lordHowe, '2026-10-03T00:00Z', 2),
    ['2026-10-03T15:30:00Z', '2026-10-04T15:15:00Z'],
    'half an hour',
  );
  const apia = { cron: '0 12 * * *', tz: 'Pacific/Apia' };
  t.deepEqual(
    times(apia, '2011-12-29T12:00Z', 2),
    ['2011-12-29T22:00:00Z', '2011-12-30T22:00:00Z'],
    'the 30th of December was left out: the 29th is followed by the 31st',
  );
});

test('without a zone the clock is UTC', (t) => {
  t.deepEqual(times({ cron: '@daily' }, '2026-03-28T12:00Z', 1), ['2026-03-29T00:00:00Z']);
});

test('L, W, #, + and six fields', (t) => {
  t.deepEqual(times({ cron: '0 9 L * *' }, '2026-02-01T00:00Z', 1), ['2026-02-28T09:00:00Z']);
  t.deepEqual(times({ cron: '0 9 LW * *' }, '2026-05-01T00:00Z', 1), ['2026-05-29T09:00:00Z']);
  t.deepEqual(times({ cron: '0 9 15W * *' }, '2026-08-01T00:00Z', 1), ['2026-08-14T09:00:00Z']);
  t.deepEqual(times({ cron: '0 9 * * FRI#2' }, '2026-05-01T00:00Z', 1), ['2026-05-08T09:00:00Z']);
  t.deepEqual(times({ cron: '0 9 * * FRIL' }, '2026-05-01T00:00Z', 1), ['2026-05-29T09:00:00Z']);
  t.deepEqual(times({ cron: '0 0 13 * FRI' }, '2026-03-01T00:00Z', 2), [
    '2026-03-06T00:00:00Z',
    '2026-03-13T00:00:00Z',
  ]);
  t.deepEqual(times({ cron: '0 0 13 * +FRI' }, '2026-03-01T00:00Z', 2), [
    '2026-03-13T00:00:00Z',
    '2026-11-13T00:00:00Z',
  ]);
  t.deepEqual(times({ cron: '*/25 0 0 * * *' }, '2026-03-01T00:00:01Z', 2), [
    '2026-03-01T00:00:25Z',
    '2026-03-01T00:00:50Z',
  ]);
  t.deepEqual(times({ cron: '0 0 29 FEB *' }, '2026-03-01T00:00Z', 1), ['2028-02-29T00:00:00Z']);
});

test('H is a number of its field that follows from the name', (t) => {
  const nightly = (name: string): string[] => times({ cron: 'H H(0-5) * * *' }, '2026-03-01T00:00Z', 1, { name });
  t.deepEqual(nightly('a'), ['2026-03-01T04:30:00Z']);
  t.deepEqual(nightly('b'), ['2026-03-01T03:36:00Z']);
  t.deepEqual(
    times({ cron: 'H H H H H *' }, '2026-03-01T00:00Z', 1, { name: 'a' }),
    ['2027-02-13T16:30:29Z'],
    'for life: whatever changes it would move all schedules',
  );
  t.deepEqual(times({ cron: '0 0 * * H' }, '2026-03-01T00:00Z', 1, { name: 'a' }), ['2026-03-05T00:00:00Z']);
  const everyQuarter = times({ cron: 'H/15 * * * *' }, '2026-03-01T00:00Z', 5, { name: 'a' }).map(at);
  t.deepEqual(new Set(everyQuarter.map((time) => time % 900_000)).size, 1);
});

test('every: on the grid of 1970 plus its phase', (t) => {
  t.deepEqual(times({ every: '15m' }, '2026-03-01T00:00Z', 2), ['2026-03-01T00:15:00Z', '2026-03-01T00:30:00Z']);
  t.deepEqual(times({ every: '1d', phase: '2h' }, '2026-03-01T00:00Z', 1), ['2026-03-01T02:00:00Z']);
});

test('everyAfter: that long after the end of the last fire', (t) => {
  const calendar = compile(parseWhen('when', { everyAfter: '10m', from: '2026-03-01T12:00Z' }));
  t.true(calendar.afterEnd);
  t.is(calendar.next(at('2026-03-02T00:00:07Z')), at('2026-03-02T00:10:07Z'));
  t.is(calendar.next(at('2026-02-01T00:00Z')), at('2026-03-01T12:00Z'));
  const notAtNight = compile(parseWhen('when', { everyAfter: '10m', except: '22:00-06:00' }));
  t.is(notAtNight.next(at('2026-03-01T21:55Z')), at('2026-03-02T06:00Z'));
  t.is(notAtNight.excludedBetween(at('2026-03-01T00:00Z'), at('2027-03-01T00:00Z')), 0);
});

test('at: once; text without Z or an offset is wall time of the zone', (t) => {
  const calendar = compile(parseWhen('when', { at: '2026-03-29T02:30', tz: 'Europe/Berlin' }));
  t.is(calendar.next(0), null, 'not within ten years');
  t.is(calendar.next(at('2026-01-01T00:00Z')), at('2026-03-29T01:00Z'));
  t.is(calendar.next(at('2026-03-29T01:00Z')), null);
});

test('from is included, until is not', (t) => {
  const hourly = compile(parseWhen('when', { every: '1h', from: '2026-03-01T05:00Z', until: '2026-03-01T07:00Z' }));
  t.deepEqual(hourly.between(0, at('2030-01-01T00:00Z'), 10), [at('2026-03-01T05:00Z'), at('2026-03-01T06:00Z')]);
});

test('maxFires ends an entry once the schedule has fired that often', (t) => {
  const calendar = compile(
    parseWhen('when', [
      { every: '1h', maxFires: 2 },
      { every: '1d', maxFires: 3 },
    ]),
  );
  const begin = at('2026-03-01T22:30Z');
  t.deepEqual(calendar.between(begin, Infinity, 10).map(shown), [
    '2026-03-01T23:00:00Z',
    '2026-03-02T00:00:00Z',
    '2026-03-03T00:00:00Z',
  ]);
  t.is(calendar.next(begin, 3), null);
});

test('entries at one instant are one time', (t) => {
  t.deepEqual(times([{ every: '1h' }, { cron: '*/30 * * * *' }, { cron: '0 0 * * *' }], '2026-02-28T23:10Z', 3), [
    '2026-02-28T23:30:00Z',
    '2026-03-01T00:00:00Z',
    '2026-03-01T00:30:00Z',
  ]);
});

test('exclusions: dates, ranges, hours, patterns and calendars, on the wall clock of the entry', (t) => {
  const daily = (except: WhenEntry['except']): string[] =>
    times(berlin('0 1 * * *', { except: except! }), '2026-12-23T12:00Z', 2);
  const [d24, d25, d26, d28] = [24, 25, 26, 28].map((day) => `2026-12-${day}T00:00:00Z`);
  t.deepEqual(daily('2026-12-25'), [d24, d26]);
  t.deepEqual(daily('2026-12-25..2026-12-27'), [d24, d28]);
  t.deepEqual(daily('* * 25-27 12 *'), [d24, d28], 'five fields: whole minutes, and so whole days');
  t.deepEqual(daily(['2026-12-25', '2026-12-26..2026-12-27']), [d24, d28]);
  t.deepEqual(daily('00:00-01:00'), [d24, d25], 'the end is not included');
  const calendar = compile(parseWhen('when', berlin('0 1 * * *', { except: { calendar: 'holidays' } })), {
    calendars: new Map([['holidays', datesOf(['2026-12-24', '2026-12-26'])]]),
  });
  t.is(calendar.next(at('2026-12-23T12:00Z')), at(d25!));
});

test('hours may go over midnight, and every second except at night is quick', (t) => {
  const calendar = compile(parseWhen('when', { every: '1s', tz: 'Europe/Berlin', except: '22:00-06:00' }));
  const [evening, morning] = [at('2026-03-28T21:00Z'), at('2026-03-29T04:00Z')];
  t.is(calendar.next(evening - 1_000), morning, 'one hour of the night was left out');
  t.is(calendar.excludedBetween(evening - 1_000, morning), 7 * 3_600);
});

test('excluded times are counted, of patterns too', (t) => {
  const calendar = compile(parseWhen('when', { cron: '0 * * * *', except: ['22:00-06:00', '2026-12-25'] }));
  t.is(calendar.excludedBetween(at('2026-12-24T00:00Z') - 1, at('2026-12-27T00:00Z')), 8 + 24 + 8);
  t.is(calendar.excludedBetween(at('2026-12-24T12:00Z'), at('2026-12-24T13:00Z')), 0);
  const bounded = compile(parseWhen('when', { every: '1h', except: '2026-12-25', until: '2026-12-25T03:00Z' }));
  t.is(bounded.excludedBetween(at('2026-12-24T00:00Z'), at('2026-12-27T00:00Z')), 3);
});

test('a search among excluded times ends', (t) => {
  const odd = parseWhen('when', { every: '1s', except: ['*/2 * * * * *', '1-59/2 * * * * *'] });
  t.throws(() => compile(odd).next(0), { message: /^when: never fires: 10000 times in a row are excluded, up to / });
});

test('zone data can come from elsewhere', (t) => {
  const anHourEarlier = new Zone((instant) => (zoneNamed('Europe/Berlin')?.pieceAt(instant).offset ?? 0) + 3_600_000);
  const when = parseWhen('when', berlin('30 2 * * *'));
  t.is(compile(when, { zones: () => anHourEarlier }).next(at('2026-01-01T12:00Z')), at('2026-01-02T00:30Z'));
});

test('a zone or calendar that this process does not know', (t) => {
  t.throws(() => compile([{ cron: '0 0 * * *', tz: 'Mars/Phobos' }], {}, 'nightly'), {
    message: /^nightly\.tz: expected an IANA/,
  });
  const when = parseWhen('when', { every: '1h', except: { calendar: 'none' } });
  t.throws(() => compile(when), {
    message: 'when.except[0].calendar: expected the name of a calendar that exists, got "none"',
  });
});
