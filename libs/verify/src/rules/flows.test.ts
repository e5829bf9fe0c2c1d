import test from 'ava';
import { check, end, fault, ran, start, submit, told, type Lines } from '../../test/lines.js';
import type { Effect } from '../history.js';

const inOrder = (lines: Lines) => check('steps run in order, each once', lines);
const over = (lines: Lines) => check('a run that has ended is over', lines);

/** A run `r` whose step `merge` waits for the items of `parse`. */
const run = submit(0, { task: 'a run', id: 'r.0', flow: { after: { merge: ['parse'], parse: [] }, expects: 3 } });
const step = (name: string, from: number, to: number, more: Partial<Effect> = {}): Effect[] => {
  const [of = '', index] = name.split('#');
  const flow = { run: 'r.0', step: of, generation: 0, ...(index === undefined ? {} : { index: Number(index) }) };
  return ran(`r.0/${name}`, from, to, { flow, id: `B.${name}`, ...more });
};

test('a step that begins when all items before it have ended is in order', async (t) => {
  const effects = [...step('parse#0', 2, 4), ...step('parse#1', 2, 6), ...step('merge', 6, 7)];
  t.is((await inOrder({ operations: run, effects, faults: [] })).verdict, 'held');
});

test('a step that begins while an item before it runs is too early', async (t) => {
  const effects = [...step('parse#0', 2, 4), ...step('parse#1', 2, 6), ...step('merge', 5, 7)];
  const { first } = await inOrder({ operations: run, effects, faults: [] });
  t.like(first, { at: 5, what: 'run r.0: merge began before parse #1 had ended' });
});

test('a step that begins before an item before it begins is too early', async (t) => {
  const effects = [...step('parse#0', 2, 4), ...step('merge', 5, 7), ...step('parse#1', 8, 9)];
  const { first } = await inOrder({ operations: run, effects, faults: [] });
  t.like(first, { at: 5, what: 'run r.0: merge began before parse #1 began' });
});

test('an attempt that its worker may have lost keeps no step back', async (t) => {
  const lost = start(2, 1, { task: 'r.0/parse#0', flow: { run: 'r.0', step: 'parse', index: 0, generation: 0 } });
  const again = step('parse#0', 20_000, 20_001, { attempt: 2, token: 20, worker: 'w2' });
  const effects = [
    lost,
    ...again,
    end(30_000, 1, { task: 'r.0/parse#0', outcome: 'failed' }),
    ...step('merge', 20_002, 20_003),
  ];
  t.is((await inOrder({ operations: run, effects, faults: fault(1, 3, 25_000, { workers: ['w1'] }) })).verdict, 'held');
});

test('a step that two tasks ran was started twice', async (t) => {
  const effects = [...step('merge', 2, 4), ...step('merge', 5, 6, { task: 'r.0/merge again', id: 'C.0' })];
  const { first } = await inOrder({ operations: run, effects, faults: [] });
  t.like(first, { at: 5, what: 'run r.0: merge ran as B.merge and as C.0' });
});

test('a later generation of the step before may run after it', async (t) => {
  const again = { run: 'r.0', step: 'parse', index: 0, generation: 1 };
  const effects = [
    ...step('parse#0', 2, 4),
    ...step('merge', 5, 7),
    ...step('parse#0', 8, 9, { task: 'again', flow: again, id: 'C.0' }),
  ];
  t.is((await inOrder({ operations: run, effects, faults: [] })).verdict, 'held');
});

const end3 = told(10, { task: 'a run', value: 3 });

test('a run whose result is what its steps gave, and of which nothing begins later, is over', async (t) => {
  t.is((await over({ operations: [...run, end3], effects: step('merge', 5, 7), faults: [] })).verdict, 'held');
});

test('a step that begins after the end of its run was told is one too many', async (t) => {
  const { first } = await over({ operations: [...run, end3], effects: step('merge', 12, 13), faults: [] });
  t.like(first, { at: 12, what: 'run r.0: r.0/merge began after its run had succeeded' });
  const retried = { ...end3, at: 11, op: 'retry' as const };
  t.is(
    (await over({ operations: [...run, end3, retried], effects: step('merge', 12, 13), faults: [] })).verdict,
    'held',
  );
});

test('a result that its steps did not give is wrong', async (t) => {
  const { first } = await over({
    operations: [...run, { ...end3, value: 4 }],
    effects: step('merge', 5, 7),
    faults: [],
  });
  t.like(first, { at: 10, what: 'run r.0: told the result 4, its steps give 3' });
});

const broadcast = (worker: string, id: string, at: number): Effect[] =>
  ran(`b at ${worker}`, at, at + 1, { broadcast: 'b', id, worker });
const once = (effects: Effect[]) => check('a broadcast is one task at each worker', { effects });

test('a broadcast that each worker runs once, with all its attempts, is held', async (t) => {
  const effects = [...broadcast('w1', 'B.0', 1), ...broadcast('w2', 'B.1', 1), ...broadcast('w1', 'B.0', 5)];
  t.is((await once(effects)).verdict, 'held');
});

test('a worker that runs two tasks of a broadcast, and a task that two workers run, are found', async (t) => {
  t.like((await once([...broadcast('w1', 'B.0', 1), ...broadcast('w1', 'C.0', 5)])).first, {
    what: 'broadcast b: w1 ran B.0 and C.0 of it',
  });
  t.like((await once([...broadcast('w1', 'B.0', 1), ...broadcast('w2', 'B.0', 5)])).first, {
    what: 'broadcast b: B.0, the task of w1, began at w2',
  });
});

test('what a run and a broadcast begin was submitted by nobody, and is wanted', async (t) => {
  const effects = [...step('parse#0', 2, 4), ...broadcast('w1', 'B.0', 1)];
  t.is((await check('no unwanted effect', { effects })).verdict, 'held');
});
