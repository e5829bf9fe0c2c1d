import {
  DEFAULT_RETRY,
  DEFAULT_TASK_OPTIONS,
  isLeaderDecided,
  LIMITS,
  OUTCOMES,
  RecordError,
  type RangeEnd,
  type TaskFailure,
  type Where,
  UNIQUE_MODES,
} from '@drover/core';
import { fc, testProp } from '@fast-check/ava';
import test, { type ExecutionContext } from 'ava';
import {
  decodeBatch,
  decodeBatchHeader,
  decodeRecord,
  decodeResult,
  decodeResultHeader,
  encodeBatch,
  encodeEnd,
  encodeFailure,
  encodeRecord,
  encodeResult,
  encodeSucceeded,
  failureOf,
  hasLine,
  optionsAt,
  RECORDS,
  NEEDS_VERSION,
  type BatchHeader,
  type RecordKind,
  type TaskGroup,
} from './index.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const SOME = { minLength: 1, maxLength: 4 };
const anyAmounts = fc.dictionary(fc.constantFrom('cpu', 'memory', 'gpu', 'licence.x'), fc.nat(), { minKeys: 1 });
const anyWhere: fc.Arbitrary<Where> = fc.array(
  fc.oneof(
    fc.record({ label: fc.string(), op: fc.constantFrom('exists' as const, 'absent' as const) }),
    fc.record({
      label: fc.string(),
      op: fc.constantFrom('in' as const, 'gte' as const),
      values: fc.array(fc.string(), SOME),
    }),
  ),
  SOME,
);
const anyGroup: fc.Arbitrary<TaskGroup> = fc
  .record({
    type: fc.constantFrom('noop', 'image:resize', 'shell'),
    count: fc.integer({ min: 1, max: 20 }),
    maxAttempts: fc.integer({ min: 1, max: LIMITS.maxAttempts }),
    timeoutMs: fc.option(fc.integer({ min: 1 })),
    delayMs: fc.nat(),
    expiresMs: fc.option(fc.integer({ min: 1 })),
    deadlineMs: fc.option(fc.integer({ min: 1 })),
    heartbeatMs: fc.option(fc.integer({ min: 1 })),
    retry: fc.option(fc.constant({ ...DEFAULT_RETRY })),
    key: fc.option(fc.string()),
    after: fc.option(fc.array(fc.string(), { minLength: 1, maxLength: LIMITS.dependencies })),
    afterMode: fc.constantFrom('succeeded', 'ended'),
    tenant: fc.string(),
    priority: fc.integer({ min: -LIMITS.priority, max: LIMITS.priority }),
    unique: fc.option(
      fc.record({
        key: fc.string(),
        mode: fc.constantFrom(...UNIQUE_MODES),
        forMs: fc.option(fc.integer({ min: 1 })),
        everyMs: fc.option(fc.integer({ min: 1 })),
        trailing: fc.boolean(),
        quietMs: fc.option(fc.integer({ min: 1 })),
        maxMs: fc.option(fc.integer({ min: 1 })),
      }),
    ),
    limits: fc.option(fc.array(fc.string(), { minLength: 1, maxLength: LIMITS.limitsOfTask })),
    sequence: fc.option(
      fc.record({ key: fc.string(), onFailure: fc.constantFrom('continue' as const, 'block' as const) }),
    ),
    resources: fc.option(anyAmounts),
    where: fc.option(anyWhere),
    prefer: fc.option(fc.array(fc.record({ where: anyWhere, weight: fc.integer({ min: 1, max: 100 }) }), SOME)),
    spread: fc.option(
      fc.record({
        by: fc.string(),
        over: fc.constantFrom('batch' as const, 'queue' as const, 'key:42' as const),
        mode: fc.constantFrom('soft' as const, 'hard' as const),
        maxSkew: fc.integer({ min: 1, max: 9 }),
      }),
    ),
    apart: fc.option(fc.record({ by: fc.string(), over: fc.constantFrom('batch' as const, 'queue' as const) })),
    near: fc.option(fc.array(fc.string(), SOME)),
    nearWaitMs: fc.nat(),
    sticky: fc.option(
      fc.record({ key: fc.string(), mode: fc.constantFrom('soft' as const, 'hard' as const), waitMs: fc.nat() }),
    ),
    preemptible: fc.boolean(),
    placementTimeoutMs: fc.option(fc.integer({ min: 1 })),
    speculative: fc.boolean(),
  })
  // The two do not go together.
  .map((group) => ({ ...group, after: isLeaderDecided(group.unique) ? null : group.after }));
const anyHeader: fc.Arbitrary<BatchHeader> = fc
  .record({ groups: fc.array(anyGroup, { minLength: 1, maxLength: 6 }), at: fc.nat(), client: fc.string() })
  .map((fields) => ({ ...fields, queue: 'q', count: fields.groups.reduce((sum, { count }) => sum + count, 0) }));

testProp('a batch is read as it was written', [anyHeader, fc.infiniteStream(fc.json())], (t, header, texts) => {
  const payloads = texts.take(header.count).map((text) => JSON.stringify(JSON.parse(text)));
  const all = [...payloads];
  const data = bytes(encodeBatch(header, all));
  const batch = decodeBatch('/p', data);
  t.deepEqual(batch.header, header);
  t.deepEqual(decodeBatchHeader('/p', data), header, 'the first line alone says the same');
  t.deepEqual(
    all.map((_, index) => batch.payload(index)),
    all,
  );
});

testProp('the options of a task are those of its group', [anyHeader], (t, { groups, count }) => {
  const each = groups.flatMap((group) => Array.from({ length: group.count }, () => group));
  for (let index = 0; index < count; index++) if (optionsAt(groups, index) !== each[index]) t.fail(`index ${index}`);
  t.throws(() => optionsAt(groups, count), { instanceOf: RangeError });
});

test('a finished batch has the payloads of the tasks that can be retried, and no others', (t) => {
  const groups = [{ ...DEFAULT_TASK_OPTIONS, type: 'noop', count: 3 }];
  const finished = { at: 5, succeeded: 2, failed: 1, cancelled: 0 };
  const header = { queue: 'q', count: 3, groups, at: 1, client: 'c', finished, kept: [1], attempts: [4] };
  const batch = decodeBatch('/p', bytes(encodeBatch(header, ['{"n":1}'])));
  t.deepEqual(batch.header, header);
  t.deepEqual([0, 1, 2].map(batch.payload), [undefined, '{"n":1}', undefined]);
});

/** Ends of consecutive tasks. */
const anyEnds: fc.Arbitrary<RangeEnd[]> = fc
  .array(
    fc.record(
      { count: fc.integer({ min: 1, max: 9 }), outcome: fc.constantFrom(...OUTCOMES), retryAfterMs: fc.nat() },
      { requiredKeys: ['count', 'outcome'] },
    ),
    { maxLength: 8 },
  )
  .map((list) => {
    let at = 0;
    return list.map(({ count, outcome, ...delay }) => {
      // One that made room runs again at once.
      const end = outcome === 'preempted' ? { outcome } : { outcome, ...delay };
      return { from: at, to: (at += count), ...end };
    });
  });
const failure: TaskFailure = { name: 'TypeError', message: 'x is not a function', retryable: true };

testProp('a result is read as it was written', [anyEnds, fc.json(), fc.nat(99)], (t, ends, json, attempt) => {
  const header = { worker: 'w1-a', attempt, at: 7, ends };
  const result = JSON.stringify(JSON.parse(json));
  const lines = ends.flatMap(({ from, to, outcome }) =>
    hasLine(outcome)
      ? Array.from({ length: to - from }, () =>
          outcome === 'succeeded' ? encodeSucceeded(result, 1.234) : encodeFailure(failure, 2),
        )
      : [],
  );
  const data = bytes(encodeResult(header, lines));
  const decoded = decodeResult('/p', data);
  t.deepEqual(decoded.header, header);
  t.deepEqual(decodeResultHeader('/p', data), header, 'the first line alone says the same');
  t.deepEqual(
    decoded.ends.map(({ index, outcome, line }) => ({ index, outcome, line })),
    ends.flatMap(({ from, to, outcome }) =>
      Array.from({ length: to - from }, (_, at) => ({ index: from + at, outcome, line: lineOf(outcome, result) })),
    ),
  );
});

function lineOf(outcome: RangeEnd['outcome'], result: string): unknown {
  if (!hasLine(outcome)) return null;
  return outcome === 'succeeded' ? { result: JSON.parse(result) as unknown, ms: 1.23 } : { error: failure, ms: 2 };
}

testProp("what a leader writes in a worker's place can be read, with a reason for every task", [anyEnds], (t, ends) => {
  const others = ends.filter(({ outcome }) => !['succeeded', 'failed', 'rejected'].includes(outcome));
  const decoded = decodeResult('/p', bytes(encodeEnd({ worker: 'w', attempt: 1, at: 0, ends: others })));
  t.deepEqual(decoded.header.ends, others);
  t.true(decoded.ends.every((end) => failureOf(end).message !== ''));
});

const DECODERS: readonly ((data: Uint8Array) => unknown)[] = [
  (data) => decodeBatch('/p', data),
  (data) => decodeBatchHeader('/p', data),
  (data) => decodeResult('/p', data).ends.map(failureOf),
  (data) => decodeResultHeader('/p', data),
  ...(Object.keys(RECORDS) as RecordKind[]).map((kind) => (data: Uint8Array) => decodeRecord(kind, '/p', data)),
];

/** Every decoder gives a value or a `RecordError` that names the path. */
function survives(t: ExecutionContext, data: Uint8Array): void {
  for (const decode of DECODERS) {
    try {
      decode(data);
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      t.true(error.message.startsWith('/p: '));
    }
  }
  t.pass();
}

testProp('no bytes make a decoder fail in another way', [fc.uint8Array({ maxLength: 200 })], survives);
testProp('no JSON makes a decoder fail in another way', [fc.json()], (t, json) => {
  survives(t, bytes(json));
});

const SAMPLES: readonly string[] = [
  encodeBatch(
    {
      queue: 'q',
      count: 2,
      groups: [
        { ...DEFAULT_TASK_OPTIONS, type: 't', count: 2, timeoutMs: 5, delayMs: 1, key: 'k', tenant: 'a', priority: 2 },
      ],
      at: 1,
      client: 'c',
    },
    ['1', '2'],
  ),
  encodeResult(
    {
      worker: 'w',
      attempt: 1,
      at: 2,
      ends: [
        { from: 0, to: 2, outcome: 'succeeded' },
        { from: 3, to: 4, outcome: 'failed', retryAfterMs: 5 },
      ],
    },
    ['{"result":1,"ms":1}', '{"result":null,"ms":1}', encodeFailure(failure, 1)],
  ),
  encodeRecord('assignment', { batch: 'b', tasks: [[0, 5]], attempt: 1, epoch: 2, at: 3 }),
  encodeRecord('command', { request: { kind: 'cancel', tasks: ['a'] } }),
  encodeRecord('queue', { paused: true, priority: 1, weight: 2, maxRunning: null }),
];

const LITERALS = ['null', '[]', '{}', '-1', '0.5', '1e15', '1e999', '""', '"x"', '[[9,1]]', 'true', '[null]'];

testProp(
  'no record that somebody has tampered with makes a decoder fail in another way',
  [fc.constantFrom(...SAMPLES), fc.nat(), fc.constantFrom(...LITERALS)],
  (t, sample, which, literal) => {
    const values = [...sample.matchAll(/null|\btrue|\bfalse|-?\d+(\.\d+)?|"[^"]*"(?!:)|\[[^[\]]*\]/g)];
    const value = values[which % values.length];
    const at = value?.index ?? 0;
    survives(t, bytes(sample.slice(0, at) + literal + sample.slice(at + (value?.[0].length ?? 0))));
  },
  { numRuns: 400 },
);

testProp(
  'fields that this version does not know are kept',
  [fc.constantFrom(...SAMPLES.slice(2)), fc.json()],
  (t, sample, json) => {
    const kinds: Record<number, RecordKind> = { 2: 'assignment', 3: 'command', 4: 'queue' };
    const kind = kinds[SAMPLES.indexOf(sample)] ?? 'queue';
    const value = { ...(JSON.parse(sample) as object), later: JSON.parse(json) as unknown };
    const kept: Record<string, unknown> = decodeRecord(kind, '/p', bytes(JSON.stringify(value)));
    t.deepEqual(kept.later, value.later);
  },
);

test('a leader that rewrites a batch keeps fields of its groups that it does not know', (t) => {
  const line = '{"v":1,"queue":"q","count":1,"groups":[{"type":"t","count":1,"later":7}],"at":1,"client":"c","also":8}';
  const header = decodeBatchHeader('/p', bytes(line));
  const again = JSON.parse(encodeBatch(header, ['null']).split('\n')[0] ?? '') as {
    also: unknown;
    groups: { later: unknown }[];
  };
  t.is(again.also, 8);
  t.is(again.groups[0]?.later, 7);
});

test('nothing is written that a reader would refuse, and the error says which field', (t) => {
  const options = { ...DEFAULT_TASK_OPTIONS, type: 't' };
  const header = { queue: 'q', count: 1, groups: [{ ...options, count: 1 }], at: 1, client: 'c' };
  const batchOf = (group: object) =>
    encodeBatch({ ...header, groups: [{ ...header.groups[0], ...group }] } as never, ['1']);
  const endOf = (end: object, lines: string[]) =>
    encodeResult({ worker: 'w', attempt: 1, at: 0, ends: [{ from: 0, to: 1, outcome: 'failed', ...end }] }, lines);
  const line = encodeFailure({ name: 'Error', message: 'm', retryable: true }, 1);
  t.notThrows(() => [batchOf({}), endOf({}, [line])]);
  const refused: [field: RegExp, write: () => string][] = [
    [/groups\.0\.type/, () => batchOf({ type: undefined })],
    [/groups\.0\.retry\.jitter/, () => batchOf({ retry: { ...DEFAULT_RETRY, jitter: '0.1' } })],
    [/groups\.0\.retry\.delayMs/, () => batchOf({ retry: { ...DEFAULT_RETRY, delayMs: Infinity } })],
    [/groups\.0\.timeoutMs/, () => batchOf({ timeoutMs: NaN })],
    [/client/, () => encodeBatch({ ...header, client: 5 as never }, ['1'])],
    [/2 payloads, the header says 1/, () => encodeBatch(header, ['1', '2'])],
    [/tasks\.0/, () => endOf({ retryAfterMs: Infinity }, [line])],
    [/0 lines, the header says 1/, () => endOf({}, [])],
    [/name and message/, () => encodeFailure({ name: Symbol('n') as never, message: 'm', retryable: true }, 1)],
    [/weight/, () => encodeRecord('queue', { paused: false, priority: 0, weight: Infinity, maxRunning: null })],
    [/request/, () => encodeRecord('command', { request: { kind: 'dance' } })],
    [
      /progress/,
      () => encodeRecord('worker', { ...WORKER, running: [{ task: 't', attempt: 1, startedAt: 1, progress: NaN }] }),
    ],
  ];
  for (const [message, write] of refused) t.throws(write, { instanceOf: RecordError, message });
});

const WORKER = {
  ...{ name: 'w', host: 'h', pid: 1, version: '1', startedAt: 1, capacity: 1, weight: 1 },
  ...{ labels: {}, types: [], state: 'accepting' },
};

test('a record of a newer version is refused, and the message says what to do', (t) => {
  const data = bytes(JSON.stringify({ v: NEEDS_VERSION + 1 }));
  for (const decode of DECODERS)
    t.like(
      t.throws(() => decode(data), { instanceOf: RecordError }),
      {
        message: '/p: version 3, this program reads up to 2: upgrade it',
        isNewer: true,
      },
    );
});

test('an error names the field that is wrong', (t) => {
  const data = bytes(JSON.stringify({ v: 1, paused: 'yes', priority: 1, weight: 2, maxRunning: null }));
  t.throws(() => decodeRecord('queue', '/queues/q', data), { message: /^\/queues\/q: paused: .*boolean/ });
});

test('stretches of tasks that nobody could have written are refused before anything is counted or allocated', (t) => {
  for (const tasks of ['[[0,1e15,"lost"]]', '[[5,2,"lost"]]', '[[0,9999,"lost"],[0,9999,"lost"]]', '[[3,3,"lost"]]'])
    t.throws(() => decodeResult('/p', bytes(`{"v":1,"worker":"w","attempt":1,"at":1,"tasks":${tasks}}`)), {
      instanceOf: RecordError,
    });
  t.throws(
    () =>
      decodeBatchHeader(
        '/p',
        bytes('{"v":1,"queue":"q","count":1e9,"groups":[{"type":"t","count":1e9}],"at":1,"client":"c"}'),
      ),
    {
      instanceOf: RecordError,
    },
  );
});

test('what could be read but never be written again is refused: the leader rewrites fields that it does not know', (t) => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  const group = '{"type":"t","count":1}';
  const data = bytes(`{"v":1,"queue":"q","count":1,"groups":[${group}],"at":1,"client":"c","later":${deep}}`);
  t.throws(() => decodeBatchHeader('/p', data), { instanceOf: RecordError, message: /nested deeper than 100 levels/ });
});

test('which tasks of which attempt ended how is understood of a report that is not what it should be', (t) => {
  const ends = [
    { from: 0, to: 2, outcome: 'succeeded' },
    { from: 2, to: 3, outcome: 'failed' },
  ];
  const tasks = [
    [0, 2, 'succeeded'],
    [2, 3, 'failed', null],
  ];
  for (const header of [
    { v: 1, worker: 'w', attempt: 2, at: 7, tasks },
    { v: 2, worker: { id: 'w' }, attempt: 2, at: '2026', tasks, extra: [] },
    {
      attempt: 2,
      tasks: [
        [0, 2, 'succeeded', 1, 'more'],
        [2, 3, 'failed', -1],
      ],
    },
  ]) {
    const read = decodeResultHeader('/p', bytes(JSON.stringify(header)));
    t.deepEqual({ attempt: read.attempt, ends: read.ends }, { attempt: 2, ends });
  }
  for (const garbage of [
    '',
    'x',
    '[]',
    JSON.stringify({ v: 2, attempt: 2, tasks: [[0, 2, 'exploded']] }),
    JSON.stringify({ v: 1, attempt: -1, tasks }),
    JSON.stringify({ v: 1, attempt: 1, tasks: [[2, 2, 'succeeded']] }),
    JSON.stringify({ v: 2, tasks }),
  ])
    t.throws(() => decodeResultHeader('/p', bytes(garbage)), { instanceOf: RecordError });
});
