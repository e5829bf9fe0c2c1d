import test from 'ava';
import { check, defined, fault, fired, told, type Lines } from '../../test/lines.js';

const judge = (lines: Lines) => check('fires do not overlap', lines, { sessionTimeoutMs: 1_000, tickMs: 100 });
const set = (overlap: 'skip' | 'allow' | 'terminate-other') => defined(500, { schedule: 's', everyMs: 1_000, overlap });
const apart = [...fired(1_000, 1_000, 2_900), ...fired(3_000, 3_000, 3_500)];
const over = [...fired(1_000, 1_000, 3_100), ...fired(3_000, 3_000, 3_500)];

test('fires one after the other hold; where they may overlap nothing is judged', async (t) => {
  t.is((await judge({ effects: apart, definitions: set('skip') })).verdict, 'held');
  t.is((await judge({ effects: over, definitions: set('allow') })).verdict, 'not checked');
});

test('one that begins before the earlier one has ended is broken, whoever leads', async (t) => {
  const faults = fault(1, 1_500, 1_900, { workers: [], role: 'scheduler', leader: 'killed' });
  const { first } = await judge({ effects: over, definitions: set('skip'), faults });
  t.is(first?.what, 'schedule s: s@1970-01-01T00:00:03.000Z began before s@1970-01-01T00:00:01.000Z had ended');
  t.is(first?.history.filter(({ from }) => from === 'effects').length, 4);
});

test('between two attempts a fire has not ended', async (t) => {
  const [start, end] = fired(1_000, 1_000, 1_500);
  const [again, last] = fired(1_000, 4_000, 4_500, { attempt: 2 });
  const effects = [start!, { ...end!, outcome: 'failed' }, again!, last!, ...fired(3_000, 3_000, 3_500)];
  t.is((await judge({ effects, definitions: set('skip'), faults: [] })).verdict, 'broken');
});

test('a handler whose worker was cut off may go on beside the next fire', async (t) => {
  const faults = fault(1, 1_500, 2_900, { workers: ['w1'] });
  t.is((await judge({ effects: over, definitions: set('skip'), faults })).verdict, 'held');
});

test('a terminated handler may go on, but its result must not be accepted', async (t) => {
  const definitions = set('terminate-other');
  const end = (second: number, outcome: 'succeeded' | 'cancelled') =>
    told(9_000, {
      task: `s@1970-01-01T00:00:0${second}.000Z`,
      outcome,
      ...(outcome === 'succeeded' ? { attempt: 1 } : {}),
    });
  const lines = { effects: over, definitions, faults: [] };
  t.is((await judge({ ...lines, operations: [end(1, 'cancelled'), end(3, 'succeeded')] })).verdict, 'held');
  t.is((await judge({ ...lines, operations: [end(1, 'succeeded'), end(3, 'succeeded')] })).verdict, 'broken');
});

test('a back-fill runs beside the schedule', async (t) => {
  const effects = over.map((line, at) =>
    at < 2 ? line : { ...line, fire: { ...line.fire!, kind: 'backfill' as const, id: 's@1970-01-01T00:00:03Z#b-1' } },
  );
  t.not((await judge({ effects, definitions: set('skip') })).verdict, 'broken');
});
