import { InvalidArgumentError } from '@drover/core';
import test from 'ava';
import { checkFires, datesOf, parseDates, parseSpread, parseWhen, type When } from './index.js';

/** The given value, and the beginning of the message. */
type Refused = readonly [given: unknown, message: string];

const CRON: readonly Refused[] = [
  [
    { cron: '60 * * * *' },
    'when.cron: minute: expected 0-59, *, lists (1,2), ranges (1-5), steps (*/2) or H, got "60"',
  ],
  [{ cron: '61 0 * * * *' }, 'when.cron: second: expected 0-59'],
  [{ cron: '0 24 * * *' }, 'when.cron: hour: expected 0-23'],
  [{ cron: '0 0 32 * *' }, 'when.cron: day of the month: expected 1-31, L, LW, 15W'],
  [{ cron: '0 0 * FOO *' }, 'when.cron: month: expected 1-12, JAN-DEC'],
  [{ cron: '0 0 * * FRI#6' }, 'when.cron: day of the week: expected 0-7 or SUN-SAT'],
  [{ cron: '5-1 0 * * *' }, 'when.cron: minute: expected 0-59'],
  [{ cron: 'H(50-70) * * * *' }, 'when.cron: minute: expected H, H(from-to) or H/step of 0-59, got "H(50-70)"'],
  [{ cron: 'H/0 * * * *' }, 'when.cron: minute: expected H'],
  [{ cron: '* * * *' }, 'when.cron: expected a cron pattern of 5 fields (30 2 * * MON-FRI)'],
  [{ cron: '0 0 0 1 1 * 2027' }, 'when.cron: expected a cron pattern of 5 fields'],
  [{ cron: '@reboot' }, 'when.cron: expected a cron pattern of 5 fields'],
  [{ cron: '' }, 'when.cron: expected a cron pattern'],
  [{ cron: 5 }, 'when.cron: expected a cron pattern'],
  [{ cron: `0 ${'1,'.repeat(300)}1 * * *` }, 'when.cron: expected a cron pattern'],
  [
    { cron: '0 0 * * *', tz: 'Mars/Phobos' },
    'when.tz: expected an IANA time zone such as Europe/Berlin, got "Mars/Phobos"',
  ],
  [
    { cron: '0 0 * * *', tz: '+02:00' },
    'when.tz: expected an IANA time zone such as Europe/Berlin; use "Etc/GMT-2" for a clock that never changes, got "+02:00"',
  ],
  [{ cron: '0 0 * * *', tz: 'UTC-5' }, 'when.tz: expected an IANA time zone such as Europe/Berlin; use "Etc/GMT+5"'],
  [{ cron: '0 0 * * *', tz: '+05:30' }, 'when.tz: expected an IANA time zone such as Europe/Berlin, got "+05:30"'],
  [{ cron: '0 0 * * *', dst: 'twice' }, 'when.dst: expected once or literal, got "twice"'],
];

const OTHERS: readonly Refused[] = [
  [{ every: '500ms' }, 'when.every: expected at least a second, got "500ms"'],
  [{ every: 'often' }, 'when.every: expected a number with a unit'],
  [{ everyAfter: 0 }, 'when.everyAfter: expected at least a second, got 0'],
  [{ cron: '0 0 * * *', phase: 5 }, 'when.phase: it belongs to an entry with every'],
  [{ every: '1h', dst: 'once' }, 'when.dst: it belongs to an entry with cron'],
  [{ at: '29.3.2026' }, 'when.at: expected ISO text (2026-03-29T01:00:00Z; without Z or an offset'],
  [{ at: '2026-02-30T00:00Z' }, 'when.at: expected ISO text'],
  [{ at: '2026-02-03T25:00Z' }, 'when.at: expected ISO text'],
  [{ at: -1 }, 'when.at: expected ISO text'],
  [{ at: 1.5 }, 'when.at: expected ISO text'],
  [{ at: '2011-12-30T12:00', tz: 'Pacific/Apia' }, 'when.at: expected a date that its time zone had'],
  [
    { every: '1h', from: '2027-01-01', until: '2026-01-01' },
    'when.until: expected a time after from, which is 2027-01-01T00:00:00.000Z, got "2026-01-01"',
  ],
  [{ every: '1h', maxFires: 0 }, 'when.maxFires: expected a whole number from 1, got 0'],
  [
    { every: '1h', except: 'nights' },
    'when.except: expected a date (2026-12-25), dates (2026-12-24..2026-12-31), hours (22:00-06:00), a cron pattern',
  ],
  [{ every: '1h', except: ['22:00-06:00', '2026-13-01'] }, 'when.except[1]: expected a date'],
  [{ every: '1h', except: '2026-12-26..2026-12-25' }, 'when.except: expected a date'],
  [{ every: '1h', except: '22:00-22:00' }, 'when.except: expected a date'],
  [{ every: '1h', except: '* 24 * * *' }, 'when.except: hour: expected 0-23'],
  [{ every: '1h', except: { calendar: '' } }, 'when.except.calendar: expected a name'],
  [{ every: '1h', except: { dates: [] } }, 'when.except: expected a date'],
  [
    { every: '1h', except: Array(21).fill('2026-12-25') },
    'when.except: expected at most 20 exclusions, got "21 exclusions"',
  ],
  [{ every: '1h', cron: '0 0 * * *' }, 'when: expected an object with one of cron, every, everyAfter, at, got {'],
  [{}, 'when: expected an object with one of cron'],
  [{ evry: '1h' }, 'when: unknown option "evry"; did you mean "every"?'],
  [null, 'when: expected an object, got null'],
  ['0 0 * * *', 'when: expected an object, got "0 0 * * *"'],
  [[], 'when: expected 1 to 20 entries, got "0 entries"'],
  [Array(21).fill({ every: '1h' }), 'when: expected 1 to 20 entries, got "21 entries"'],
  [[{ every: '1h' }, { every: '1ms' }], 'when[1].every: expected at least a second'],
  [[{ every: '1h' }, { everyAfter: '1h' }], 'when: everyAfter stands alone'],
];

for (const [given, message] of [...CRON, ...OTHERS])
  test(`refused: ${JSON.stringify(given).slice(0, 60)}: ${message.slice(0, 60)}`, (t) => {
    const error = t.throws(() => parseWhen('when', given), { instanceOf: InvalidArgumentError });
    t.true(error.message.startsWith(message), error.message);
    t.true(error.argument.startsWith('when'));
  });

const NEVER: readonly Refused[] = [
  [
    { cron: '0 0 31 2 *' },
    'when.cron: never fires: no time of "0 0 31 2 *" in the ten years after 2026-06-01T00:00:00.000Z',
  ],
  [
    { every: '1s', except: '* * * * *' },
    'when.except: never fires: exclusions leave none of its times in ten years: ["* * * * *"]',
  ],
  [{ every: '1s', except: ['00:00-12:00', '12:00-24:00'] }, 'when.except: never fires'],
  [{ cron: '0 0 1 1 *', except: '2026-01-01..2050-01-01' }, 'when.except: never fires'],
  [{ at: '2026-05-31T23:59Z' }, 'when.at: never fires: 2026-05-31T23:59:00.000Z is past'],
  [{ at: '2050-01-01' }, 'when.at: never fires: no time of "2050-01-01T00:00:00.000Z" in the ten years after'],
  [{ every: '1h', until: '2026-01-01' }, 'when.until: never fires: 2026-01-01T00:00:00.000Z is past'],
  [
    { cron: '0 0 1 1 *', until: '2026-12-31' },
    'when.until: never fires: its first time is not before 2026-12-31T00:00:00.000Z',
  ],
  [[{ every: '1h' }, { cron: '0 0 30 FEB *' }], 'when[1].cron: never fires'],
  [{ cron: 'H * * * *' }, 'when.cron: H is a number that follows from the schedule'],
];

for (const [given, message] of NEVER)
  test(`never fires: ${JSON.stringify(given)}`, (t) => {
    const when = parseWhen('when', given);
    const after = Date.parse('2026-06-01');
    const error = t.throws(() => checkFires('when', when, { after }), { instanceOf: InvalidArgumentError });
    t.true(error.message.startsWith(message), error.message);
  });

test('what fires is not refused', (t) => {
  const when = parseWhen('when', [
    { every: '1s', except: '22:00-06:00' },
    { cron: '0 0 29 2 *' },
    { cron: 'H H * * *' },
  ]);
  t.notThrows(() => checkFires('when', when, { after: Date.parse('2026-06-01'), name: 'nightly' }));
});

test('an entry as it is stored: JSON, nothing that is as by default, and parsed again the same', (t) => {
  const cases: [unknown, When][] = [
    [{ cron: ' 30  2 * * * ', tz: 'UTC', dst: 'once', except: [] }, { cron: '30 2 * * *' }],
    [
      { cron: '@daily', tz: 'US/Eastern', dst: 'literal' },
      { cron: '@daily', tz: 'US/Eastern', dst: 'literal' },
    ],
    [
      { every: '1h', phase: '61m', maxFires: 3, tz: undefined },
      { every: 3_600_000, phase: 60_000, maxFires: 3 },
    ],
    [
      { everyAfter: 1_000, from: '2026-07-01', tz: 'Europe/Berlin' },
      { everyAfter: 1_000, tz: 'Europe/Berlin', from: '2026-06-30T22:00:00.000Z' },
    ],
    [{ at: '2026-03-29 01:00+02:00' }, { at: '2026-03-28T23:00:00.000Z' }],
    [{ at: 0 }, { at: '1970-01-01T00:00:00.000Z' }],
    [
      { every: '1h', except: { calendar: 'x' }, until: '2026-07-01T12:00:00.5Z' },
      { every: 3_600_000, except: [{ calendar: 'x' }], until: '2026-07-01T12:00:00.500Z' },
    ],
  ];
  for (const [given, stored] of cases) {
    t.deepEqual(parseWhen('when', given), [stored]);
    t.deepEqual(parseWhen('when', JSON.parse(JSON.stringify([stored]))), [stored]);
  }
});

test('dates of a calendar are real ones, ascending, each once', (t) => {
  t.deepEqual(parseDates('dates', ['2026-12-26', '2026-12-25', '2026-12-26']), ['2026-12-25', '2026-12-26']);
  t.true(datesOf(['1970-01-02']).has(1));
  t.throws(() => parseDates('dates', ['2026-12-25', '2026-02-29']), {
    message: 'dates[1]: expected a date such as 2026-12-25, got "2026-02-29"',
  });
  t.throws(() => parseDates('dates', '2026-12-25'), { message: /^dates: expected a list of dates/ });
  t.throws(() => parseDates('dates', Array(10_001).fill('2026-12-25')), {
    message: 'dates: expected at most 10000, got "10001 dates"',
  });
});

test('spread and jitter are at most a day', (t) => {
  t.is(parseSpread('spread', '10m'), 600_000);
  t.throws(() => parseSpread('spread', '2d'), { message: 'spread: expected at most a day, got "2d"' });
});
