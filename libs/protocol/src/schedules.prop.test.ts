import { DEFAULT_TASK_OPTIONS } from '@drover/core';
import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import {
  BACKFILL_ORDERS,
  BACKFILL_REDOS,
  decodeBatchHeader,
  decodeBroadcast,
  decodeFlowHeader,
  decodeSchedules,
  decodeScheduleStates,
  encodeBatch,
  encodeBroadcast,
  encodeFlow,
  encodeSchedule,
  encodeSchedules,
  encodeScheduleStates,
  FIRE_KINDS,
  FIRE_WAITS,
  startedOf,
  startedText,
  taskFire,
  type FireRecord,
  type ScheduleRecord,
  type ScheduleStateRecord,
} from './index.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const optional = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
const instant = fc.integer({ min: 0, max: 4_102_444_800_000 });
const change = fc.record({ by: fc.string(), reason: fc.string(), at: instant }, { requiredKeys: ['at'] });

const anySchedule: fc.Arbitrary<ScheduleRecord> = fc.record({
  slot: fc.nat(127),
  name: fc.string(),
  revision: fc.integer({ min: 1, max: 1e6 }),
  since: instant,
  spec: fc.record({
    when: fc.array(fc.record({ cron: fc.string() })),
    run: fc.record({ type: fc.string(), payload: fc.jsonValue({ maxDepth: 3 }) }),
    note: fc.string(),
  }),
  changedBy: change,
});

const anyBackfill = fc.record({
  ...{ id: fc.string(), from: instant, to: instant, cursor: instant, parallel: fc.integer({ min: 1, max: 1_000 }) },
  ...{ order: fc.constantFrom(...BACKFILL_ORDERS), redo: fc.constantFrom(...BACKFILL_REDOS) },
  ...{ fired: fc.nat(), skipped: fc.nat(), asked: change },
});
const anyState: fc.Arbitrary<ScheduleStateRecord> = fc
  .record({
    ...{ slot: fc.nat(127), mark: instant, next: fc.option(instant), due: fc.option(instant), seq: instant },
    ...{ fired: fc.nat(), skipped: fc.nat(), missed: fc.nat(), excluded: fc.nat(), failed: fc.nat(), streak: fc.nat() },
    ...{ judged: instant, missedThen: fc.nat(), last: fc.option(fc.tuple(instant, instant, fc.string())) },
    more: optional(
      fc.record(
        {
          ...{ paused: change, endedAt: instant, reasons: fc.record({ skipped: fc.string() }) },
          backfills: fc.array(anyBackfill, { maxLength: 3 }),
        },
        { requiredKeys: ['endedAt'] },
      ),
    ),
  })
  .map(({ more, ...state }) => (more === undefined ? state : { ...state, more }));

const anyFire: fc.Arbitrary<FireRecord> = fc
  .record({
    ...{ schedule: fc.string(), n: instant, nominal: instant, kind: fc.constantFrom(...FIRE_KINDS), due: instant },
    ...{ missed: fc.nat(), wait: optional(fc.constantFrom(...FIRE_WAITS)), id: optional(fc.string()) },
  })
  .map(({ wait, id, ...fire }) => ({
    ...fire,
    ...(wait === undefined ? {} : { wait }),
    ...(id === undefined ? {} : { id }),
  }));

testProp(
  'a page is read as it was written',
  [fc.uniqueArray(anySchedule, { minLength: 1, maxLength: 20, selector: ({ slot }) => slot })],
  (t, schedules) => {
    const read = decodeSchedules('/p', bytes(encodeSchedules(schedules)));
    t.deepEqual(read, JSON.parse(JSON.stringify(schedules)));
  },
);

testProp(
  'the state of a page is read as it was written',
  [fc.uniqueArray(anyState, { maxLength: 20, selector: ({ slot }) => slot }), fc.option(fc.string())],
  (t, states, tz) => {
    t.deepEqual(decodeScheduleStates('/p', bytes(encodeScheduleStates(states, tz))), { tz, states });
  },
);

testProp(
  'the fires of a batch are read as they were written',
  [fc.array(anyFire, { minLength: 1, maxLength: 20 })],
  (t, fires) => {
    const group = { ...DEFAULT_TASK_OPTIONS, type: 'noop', count: fires.length };
    const header = { queue: 'q', count: fires.length, groups: [group], at: 1, client: 's1', fires, needs: ['fires'] };
    const data = encodeBatch(
      header,
      fires.map(() => 'null'),
    );
    t.deepEqual(decodeBatchHeader('/p', bytes(data)).fires, fires);
    t.is((JSON.parse(data.split('\n')[0] ?? '') as { v: number }).v, 2, 'earlier versions refuse it');
  },
);

test('a line that is none is named; two lines of one slot are refused', (t) => {
  const schedule: ScheduleRecord = {
    ...{ slot: 0, name: 'a', revision: 1, since: 0, spec: { when: [], run: { type: 'x' } }, changedBy: { at: 0 } },
  };
  const line = encodeSchedules([schedule]);
  t.throws(() => decodeSchedules('/p', bytes(`${line}\n{"v":1}`)), { message: /^\/p: line 2: / });
  t.throws(() => decodeSchedules('/p', bytes(`${line}\n${line}`)), { message: /two lines have the same one/ });
  t.throws(() => decodeScheduleStates('/p', bytes('{"v":1}\n[0]')), { message: /^\/p: line 2: / });
  const needy = line.replace('{"v":1', '{"v":2,"needs":["one-day"]');
  t.like(
    t.throws(() => decodeSchedules('/p', bytes(needy))),
    { isNewer: true },
  );
});

test('a fire has a name of its own: with its time, and what triggered it', (t) => {
  const nominal = Date.UTC(2026, 2, 30, 0, 30);
  const fire: FireRecord = { schedule: 'nightly', n: 1, nominal, kind: 'time', due: nominal, missed: 0 };
  t.is(taskFire(fire).id, 'nightly@2026-03-30T00:30:00Z');
  t.is(taskFire({ ...fire, kind: 'trigger', id: '01K' }).id, 'nightly@2026-03-30T00:30:00Z#t-01K');
});

testProp('a flow and a broadcast tell of which fire they are', [anyFire], (t, fire) => {
  const flow = { name: 'f', plan: 'p', count: 1, at: 1, client: 's1', fire };
  const text = encodeFlow(flow, ['null']);
  t.deepEqual(decodeFlowHeader('/p', bytes(text)).fire, fire);
  t.deepEqual(needsOf(text), ['fire-runs', 'flows'], 'earlier versions refuse it');
  const task = { ...DEFAULT_TASK_OPTIONS, type: 'noop' };
  const record = { queue: 'q', task, joinersMs: 1, at: 1, client: 's1', needs: ['broadcast'], fire };
  const broadcast = encodeBroadcast(record, 'null');
  t.deepEqual(decodeBroadcast('/p', bytes(broadcast)).record.fire, fire);
  t.deepEqual(needsOf(broadcast), ['broadcast', 'fire-runs']);
});

test('earlier versions leave alone a schedule that starts no task', (t) => {
  const at = { slot: 0, name: 'a', revision: 1, since: 0, changedBy: { at: 0 } };
  const needs = [{ type: 'x' }, { flow: 'f', plan: 'p' }, { broadcast: 'x' }].map((run) =>
    needsOf(encodeSchedule({ ...at, spec: { when: [], run } })),
  );
  t.deepEqual(needs, [undefined, ['fire-runs'], ['fire-runs']]);
});

test('the text of what a fire started tells what it is', (t) => {
  for (const started of [
    { starts: 'task', id: 'B.7' },
    { starts: 'flow', id: 'F.0' },
    { starts: 'broadcast', id: 'B' },
  ] as const)
    t.deepEqual(startedOf(startedText(started)), started);
  t.is(startedText({ starts: 'task', id: 'B.7' }), 'B.7', 'as earlier versions wrote it');
});

const needsOf = (text: string): unknown => (JSON.parse(text.split('\n')[0] ?? '') as { needs?: unknown }).needs;
