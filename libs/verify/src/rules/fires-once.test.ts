import test from 'ava';
import { check, defined, fired, type Lines } from '../../test/lines.js';

const judge = (lines: Lines) => check('each time fires once', lines, { fireLagMs: 1_000, wallErrorMs: 0 });
const set = defined(10_500, { schedule: 's', everyMs: 1_000, overlap: 'allow', catchUp: 'all' });
const pause = defined(16_200, { schedule: 's', op: 'pause' });
const counts = (more: object) =>
  defined(17_000, { schedule: 's', op: 'told', fired: 6, skipped: 0, missed: 0, excluded: 0, ...more });
/** Of 11 s to 16 s. */
const effects = [11, 12, 13, 14, 15, 16].flatMap((second) =>
  fired(second * 1_000, second * 1_000 + 5, second * 1_000 + 9),
);
const without = (second: number) => effects.filter(({ fire }) => Date.parse(fire?.nominal ?? '') !== second * 1_000);
const [one, ...others] = fired(13_000, 13_005, 13_009, { id: 'ANOTHER.0' });

test('one task for each time, also where the schedule skipped some and says so', async (t) => {
  const { verdict, checked } = await judge({ effects, definitions: [...set, ...pause, ...counts({})] });
  t.deepEqual({ verdict, checked }, { verdict: 'held', checked: 1 });
  const skipped = [...set, ...pause, ...counts({ fired: 5, skipped: 1 })];
  t.is((await judge({ effects: without(13), definitions: skipped })).verdict, 'held');
  t.is((await judge({ effects })).verdict, 'not checked');
});

test('times around a call may have fired or not', async (t) => {
  const slow = [
    { ...set[0]!, wall: 9_900 },
    { ...set[1]!, wall: 11_100 },
    { ...pause[0]!, wall: 15_900 },
    { ...pause[1]!, wall: 17_100 },
  ];
  const told = (sum: number) =>
    defined(18_000, { schedule: 's', op: 'told', fired: sum, skipped: 0, missed: 0, excluded: 0 });
  for (const [sum, from, to] of [
    [4, 12, 15],
    [8, 10, 17],
  ] as const) {
    const some = Array.from({ length: to - from + 1 }, (_, n) => (from + n) * 1_000);
    const lines = some.flatMap((nominal) => fired(nominal, nominal + 5, nominal + 9));
    t.is((await judge({ effects: lines, definitions: [...slow, ...told(sum)] })).verdict, 'held', `${sum}`);
  }
});

test('what was paused, or set anew, names other times', async (t) => {
  const resumed = [
    ...set,
    ...defined(12_500, { schedule: 's', op: 'pause' }),
    ...defined(14_500, { schedule: 's', op: 'resume' }),
    ...pause,
  ];
  t.is((await judge({ effects: without(13), definitions: resumed })).verdict, 'broken', '14 s was in the pause');
  const rest = without(13).filter(({ fire }) => !fire?.nominal.includes('14.000'));
  t.is((await judge({ effects: rest, definitions: [...resumed, ...counts({ fired: 4 })] })).verdict, 'held');
});

const BROKEN: [what: string, lines: Lines, says: RegExp][] = [
  [
    'two tasks',
    { effects: [...effects, one!, ...others], definitions: set },
    /has two tasks: ANOTHER\.0 and B13000\.0|B13000\.0 and ANOTHER\.0/,
  ],
  [
    'no task',
    { effects: without(13), definitions: [...set, ...pause] },
    /1970-01-01T00:00:13.000Z never fired, nor did 0 more/,
  ],
  [
    'no task, and nothing told',
    { effects: without(13), definitions: [...set, ...pause, ...counts({ fired: 6 })] },
    /1 times did not fire, the first 1970-01-01T00:00:13.000Z, and it tells of 0/,
  ],
  [
    'more than it tells',
    { effects, definitions: [...set, ...pause, ...counts({ fired: 5 })] },
    /6 fires began, and it tells of 5/,
  ],
  [
    'a count too large',
    { effects, definitions: [...set, ...pause, ...counts({ missed: 1 })] },
    /it tells of 7 times, there were 5 to 6/,
  ],
  ['a time of its own', { effects: fired(13_500, 13_600, 13_601), definitions: set }, /did not name that time/],
  ['a time before', { effects: fired(9_000, 9_001, 9_002), definitions: set }, /did not name that time/],
  ['nobody set it', { effects, definitions: [] }, /nobody set it/],
  ['it never fired', { definitions: [...set, ...pause] }, /1970-01-01T00:00:11.000Z never fired, nor did 4 more/],
];
for (const [what, lines, says] of BROKEN) {
  test(`broken: ${what}`, async (t) => {
    t.regex((await judge(lines)).first?.what ?? '', says);
  });
}

test('a trigger is no time, and counts as fired', async (t) => {
  const [start, end] = fired(13_250, 13_300, 13_400);
  const byHand = [start!, end!].map((line) => ({
    ...line,
    fire: { ...line.fire!, kind: 'trigger' as const, id: 's@x#t-1' },
  }));
  const definitions = [...set, ...pause, ...counts({ fired: 7 })];
  t.is((await judge({ effects: [...effects, ...byHand], definitions })).verdict, 'held');
});
