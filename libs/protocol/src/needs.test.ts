import { DEFAULT_TASK_OPTIONS, featuresOf, RecordError, TASK_OPTION_NAMES, TASK_OPTIONS } from '@drover/core';
import test from 'ava';
import { z } from 'zod';
import { decodeBatch, decodeBatchHeader, encodeBatch } from './batch.js';
import { examples, type Example } from './examples.js';
import { decodeBroadcast } from './broadcasts.js';
import { decodeFlow, decodeFlowHeader, decodeNotes } from './flows.js';
import { notUnderstood } from './features.js';
import { formatRecord, parseRecord, version } from './json.js';
import { decodeRecord, encodeRecord, RECORDS, type RecordKind } from './records.js';
import { decodeSchedules, decodeScheduleStates } from './schedules.js';
import { decodeEnds, decodeResult, decodeResultHeader } from './result.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The example with other fields in its first line. */
function changed({ data }: Example, fields: object): Uint8Array {
  const [first = '', ...lines] = data.split('\n');
  return bytes([JSON.stringify({ ...(JSON.parse(first) as object), ...fields }), ...lines].join('\n'));
}

/** Everything that acts on a record of the example's kind. */
function decodersOf({ kind, path, at }: Example): ((data: Uint8Array) => unknown)[] {
  if (kind !== null) return [(data) => decodeRecord(kind, at, data)];
  if (path === '/schedules/<page>') return [(data) => decodeSchedules(at, data)];
  if (path.endsWith('/state')) return [(data) => decodeScheduleStates(at, data)];
  if (path.endsWith('<batch>')) return [(data) => decodeBatch(at, data), (data) => decodeBatchHeader(at, data)];
  if (path.endsWith('<broadcast>')) return [(data) => decodeBroadcast(at, data)];
  if (path.endsWith('<flow>')) return [(data) => decodeFlow(at, data), (data) => decodeFlowHeader(at, data)];
  if (path.endsWith('<note>')) return [(data) => decodeNotes(at, data)];
  return [(data) => decodeResult(at, data)];
}

const EXAMPLES = examples();
/** Those that need nothing by themselves. */
const PLAIN = EXAMPLES.filter(({ data }) => data !== '' && !data.startsWith('{"v":2'));

for (const example of PLAIN) {
  const { at, path } = example;
  test(`${path} (${at}): a record that needs what nobody here understands is refused, and the error names it`, (t) => {
    for (const decode of decodersOf(example)) {
      t.notThrows(() => decode(changed(example, {})));
      t.notThrows(() => decode(changed(example, { needs: [] })));
      for (const v of [1, 2]) {
        const error = t.throws(() => decode(changed(example, { v, needs: ['one-day', 'the next'] })), {
          instanceOf: RecordError,
        });
        t.true(error.isNewer);
        t.is(
          error.message.replace('line 1: ', ''),
          `${at}: needs 'one-day', 'the next', which this program does not understand: upgrade it`,
        );
      }
    }
  });
}

/** Whether the example is a report: its fields other than the ends of tasks do not matter to a leader. */
const isReport = ({ path }: Example): boolean => path.endsWith('<result>');

test('needs that are no list of names, or were lost, make it no record', (t) => {
  const wrong = [{ v: 2 }, ...['one-day', [7], [''], ['x'.repeat(65)], null, { a: 1 }].map((needs) => ({ needs }))];
  for (const example of PLAIN.filter((each) => !isReport(each)))
    for (const decode of decodersOf(example))
      for (const fields of wrong)
        t.like(
          t.throws(() => decode(changed(example, fields)), { instanceOf: RecordError }),
          { isNewer: false },
        );
});

test('how the tasks of a report ended is read whatever it needs: they must not run again', (t) => {
  const reports = EXAMPLES.filter(isReport);
  for (const example of reports) {
    const whole = decodeResult(example.at, changed(example, {}));
    const data = changed(example, { v: 2, needs: ['one-day'] });
    t.deepEqual(decodeResultHeader(example.at, data).ends.length, whole.header.ends.length);
    t.deepEqual(
      decodeEnds(example.at, data).ends.map(({ index, outcome }) => ({ index, outcome })),
      whole.ends.map(({ index, outcome }) => ({ index, outcome })),
    );
  }
  t.true(reports.length > 0);
});

test('a record is of version 2 exactly where it needs something', (t) => {
  const schema = z.looseObject({ v: version, a: z.number() });
  const written = (fields: object): unknown => JSON.parse(formatRecord('it', fields, schema, ['known']));
  t.deepEqual(written({ a: 1 }), { v: 1, a: 1 });
  t.deepEqual(written({ a: 1, needs: [] }), { v: 1, a: 1 });
  t.deepEqual(written({ v: 1, a: 1, needs: ['known'] }), { v: 2, needs: ['known'], a: 1 });
  t.deepEqual(written({ v: 2, a: 1, needs: undefined }), { v: 1, a: 1 });
  t.throws(() => written({ a: 1, needs: ['other'] }), {
    instanceOf: RecordError,
    message: /cannot be written.*'other'/,
  });
  t.throws(() => parseRecord('/p', '{"v":1,"needs":["known"],"a":1}', schema, ['known']), { message: /version 2/ });
  t.throws(() => parseRecord('/p', '{"v":2,"needs":[],"a":1}', schema, ['known']), { message: /version 2/ });
  t.deepEqual(parseRecord('/p', '{"v":2,"needs":["known"],"a":1}', schema, ['known']), {
    v: 2,
    needs: ['known'],
    a: 1,
  });
});

test('a batch that is written again keeps what it needs', (t) => {
  const header = { queue: 'q', count: 1, at: 1, client: 'c', needs: ['one-day'] };
  const groups = [{ ...DEFAULT_TASK_OPTIONS, type: 't', count: 1 }];
  t.throws(() => encodeBatch({ ...header, groups }, ['1']), { message: /needs 'one-day'/ });
  t.notThrows(() => encodeBatch({ ...header, needs: [], groups }, ['1']));
});

test('every kind of record is in an example, so that a new one is tested here', (t) => {
  const kinds = new Set(EXAMPLES.map(({ kind }) => kind));
  for (const kind of Object.keys(RECORDS) as RecordKind[]) t.true(kinds.has(kind), kind);
  t.throws(() => encodeRecord('key', { task: 't', queue: 'q', key: 'k', needs: ['one-day'] }), { message: /one-day/ });
});

test('what an option of a task needs is a feature that this program understands', (t) => {
  for (const name of TASK_OPTION_NAMES) {
    const option: { field: string; needs?: string; example: unknown } = TASK_OPTIONS[name];
    const features = featuresOf({ ...DEFAULT_TASK_OPTIONS, type: 't', [option.field]: option.example });
    t.deepEqual(features, option.needs === undefined ? [] : [option.needs]);
    t.deepEqual(notUnderstood(features), []);
  }
});
