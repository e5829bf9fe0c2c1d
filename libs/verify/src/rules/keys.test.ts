import test from 'ava';
import { cancelled, check, end, fault, ran, start, submit, told, type Lines } from '../../test/lines.js';
import type { Operation } from '../history.js';

const settings = { sessionTimeoutMs: 1_000, tickMs: 100, handOutMs: 50 };
type Unique = NonNullable<Operation['unique']>;
const LAST: Unique = { key: 'k', mode: 'last' };
/** Asked for at `at`, acknowledged a millisecond later; ZooKeeper's zxid is the time. */
const asked = (task: string, at: number, unique: Unique = LAST): Operation[] =>
  submit(at, { task, unique }).map((line) => ({
    ...line,
    id: `${task}.0`,
    ...(line.type === 'ok' ? { zxid: at } : {}),
  }));
const ends = (task: string, more: Partial<Operation> = {}): Operation => told(9_000, { task, ...more });
const judge = (name: string) => async (lines: Lines) => check(name, lines, settings);

const alone = judge('one task of a key at a time');
const more = judge('once more: no submit of a key is lost');
const waits = judge('throttle and debounce wait');

test('one task of a key at a time, its attempts and the times between them included', async (t) => {
  const operations = [...asked('a', 0), ...asked('b', 10)];
  t.is(
    (await alone({ operations, effects: [...ran('a', 20, 100), ...ran('b', 101, 200)], faults: [] })).verdict,
    'held',
  );
  const retried = [
    start(20, 1, { task: 'a', token: 20 }),
    end(30, 1, { task: 'a', token: 20, outcome: 'failed' }),
    ...ran('a', 150, 200, { attempt: 2 }),
  ];
  const lines = { operations, effects: [...retried, ...ran('b', 101, 140, { worker: 'w2' })] };
  t.is((await alone({ ...lines, faults: [] })).first?.what, 'key default/k: b began before a had ended');
  t.is((await alone({ ...lines, faults: fault(1, 20, 90, { workers: ['w1'] }) })).verdict, 'held');
  t.is((await alone({ operations, faults: [] })).verdict, 'not checked');
});

test('each submit is covered by a run that was handed out after it', async (t) => {
  const operations = [...asked('a', 0), ...asked('b', 30), ...asked('c', 40)];
  const effects = [...ran('a', 20, 100), ...ran('c', 101, 200)];
  t.is((await more({ operations: [...operations, ends('b', { by: 'c' }), ends('c')], effects })).verdict, 'held');
  const { first } = await more({ operations, effects: ran('a', 20, 100) });
  t.is(first?.what, 'key default/k: b was acknowledged, and nothing of its key was handed out after it');
  t.is(
    (await more({ operations: [...operations, { ...cancelled(50), task: 'c' }], effects: ran('a', 20, 100) })).verdict,
    'held',
  );
  t.is(
    (await more({ operations: [...operations, ends('c', { outcome: 'failed' })], effects: ran('a', 20, 100) })).verdict,
    'held',
  );
});

test('ZooKeeper says which of two submits is newer, also where their answers overlap', async (t) => {
  const [b, c] = [asked('b', 30), asked('c', 31)];
  const slow = [...asked('a', 0), b[0]!, c[0]!, { ...b[1]!, at: 60 }, { ...c[1]!, at: 60 }];
  t.is((await more({ operations: slow, effects: ran('b', 101, 200) })).verdict, 'broken', 'c is newer, and never ran');
  const unknown = slow.map(({ zxid: _, ...line }) => line);
  t.is((await more({ operations: unknown, effects: ran('b', 101, 200) })).verdict, 'held', 'nobody knows');
});

const WRONG: [what: string, operations: Operation[], effects: ReturnType<typeof ran>][] = [
  ['which was submitted before it', [ends('c', { by: 'b' })], ran('c', 101, 200)],
  ['which never began', [ends('b', { by: 'c' })], []],
  ['of which its key knows nothing', [ends('b', { by: 'x' })], ran('c', 101, 200)],
  ['although it began itself', [ends('b', { by: 'c' })], [...ran('b', 90, 95), ...ran('c', 101, 200)]],
];
for (const [what, told, effects] of WRONG) {
  test(`a task must not be told the result of one ${what}`, async (t) => {
    const operations = ['a', 'b', 'c', 'd'].flatMap((task, n) => asked(task, 10 * n));
    t.regex(
      (await more({ operations: [...operations, ...told], effects: [...effects, ...ran('d', 300, 310)] })).first
        ?.what ?? '',
      new RegExp(what),
    );
  });
}

test('a superseded task has no attempts of its own, whatever its result says', async (t) => {
  const operations = [...asked('a', 0), ...asked('b', 30), ends('a', { by: 'b', attempt: 1, value: 1 })];
  t.is((await check('one accepted result', { operations, effects: ran('b', 101, 200) })).verdict, 'held');
});

test('throttled runs are a window apart; one that was late says nothing', async (t) => {
  const unique: Unique = { key: 'k', mode: 'throttle', everyMs: 1_000 };
  const operations = [...asked('a', 0, unique), ...asked('b', 10, unique)];
  const at = (time: number): Lines => ({
    operations,
    effects: [...ran('a', 20, 30), ...ran('b', time, time + 5)],
    faults: [],
  });
  t.is((await waits(at(970))).verdict, 'held');
  t.is((await waits(at(969))).first?.what, 'key default/k: b began 949 ms after a, its window is 1000 ms');
  t.is((await waits({ ...at(500), faults: fault(1, 0, 10, { workers: ['w1'] }) })).verdict, 'held');
});

test('a debounced task waits until its key was quiet, or for the longest time of a burst', async (t) => {
  const unique: Unique = { key: 'k', mode: 'debounce', quietMs: 500, maxMs: 2_000 };
  const operations = [0, 400, 800, 1_200, 1_600].flatMap((time, n) => asked(`t${n}`, time, unique));
  const run = (task: string, time: number): Lines => ({ operations, effects: ran(task, time, time + 5), faults: [] });
  t.is((await waits(run('t4', 2_100))).verdict, 'held');
  t.is((await waits(run('t4', 2_000))).verdict, 'held', 'the longest time');
  t.is(
    (await waits(run('t2', 1_000))).first?.what,
    'key default/k: t2 began 200 ms after it was asked for, its key must be quiet for 500 ms',
  );
});

test('a burst whose time is over goes out with the newest task at once, when somebody can take it', async (t) => {
  const unique: Unique = { key: 'k', mode: 'debounce', quietMs: 500, maxMs: 2_000 };
  const lines = (second: number, from: number): Lines => ({
    operations: [...asked('a', 0, unique), ...asked('b', second, unique)],
    effects: ran('b', from, from + 5),
    faults: [],
  });
  t.is((await waits(lines(700, 1_087))).verdict, 'held', 'its time was over at 500, and nobody was there to take it');
  const what = 'key default/k: b began 387 ms after it was asked for, its key must be quiet for 500 ms';
  t.is((await waits(lines(400, 787))).first?.what, what, 'it was quiet at no time');
  const troubled = { ...lines(400, 787), faults: fault(1, 300, 600, { role: 'scheduler' }) };
  t.is((await waits(troubled)).verdict, 'held', 'the leader may have heard of it late, when its time was over');
  const alone: Lines = { operations: asked('a', 0, unique), effects: ran('a', 387, 390), faults: troubled.faults };
  t.is((await waits(alone)).verdict, 'broken', 'whatever was wrong, one that is alone waits');
});

test('a burst may have begun with a submit whose place nobody knows', async (t) => {
  const unique: Unique = { key: 'k', mode: 'debounce', quietMs: 500, maxMs: 600 };
  const lost = submit(90, { task: 'lost', unique }).slice(0, 1);
  const operations = [...lost, ...asked('a', 100, unique), ...asked('b', 550, unique)];
  const effects = [...ran('a', 610, 615), ...ran('b', 710, 720)];
  t.is((await waits({ operations, effects, faults: [] })).verdict, 'held', 'it may have come after the first that ran');
  t.is((await waits({ operations: operations.slice(1), effects, faults: [] })).verdict, 'broken');
});
