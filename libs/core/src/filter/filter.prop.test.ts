import test from 'ava';
import fc from 'fast-check';
import { TASK_STATES } from '../states.js';
import type { Filter, FilterTerm, TextValue } from './fields.js';
import { formatFilter } from './format.js';
import { matchesFilter, valuesOf, type FilterTarget } from './match.js';
import { filterTerm, parseFilter } from './parse.js';
import { FilterError } from './scan.js';

const NOW = Date.UTC(2026, 10, 28, 12);
const task: FilterTarget = {
  ...{ id: '01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.7', type: 'resize-big', queue: 'images', state: 'failed', worker: 'w1' },
  ...{ key: 'a b,c*', attempt: 2, submittedAt: NOW - 3_600_000 },
  error: { name: 'TypeError', message: 'No such "File"' },
} as const;

test('a term holds when one of its values does; all terms must hold; - negates', (t) => {
  const cases: [filter: string, matches: boolean][] = [
    ['', true],
    ['state:failed', true],
    ['state:pending,failed', true],
    ['state:pending', false],
    ['-state:pending', true],
    ['-state:failed,pending', false],
    ['state:failed queue:images type:resize*', true],
    ['state:failed queue:mail', false],
    ['type:resize', false],
    ['type:resize-big', true],
    ['worker:w1', true],
    ['key:"a b,c*"', true],
    ['key:"a b,"*', true],
    ['key:*', true],
    ['batch:01JZ8Q6T7M3N5R2V4X6Y8Z0A1B', true],
    ['batch:01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.7', false],
    ['id:01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.7', true],
    ['since:1h', true],
    ['since:59m', false],
    ['until:1h', false],
    ['until:59m', true],
    ['since:2026-11-28 until:2026-11-28T11:00:00.001Z', true],
    ['since:2026-11-28T13:00:00.001+02:00', false],
    ['attempt:2', true],
    ['attempt:>1', true],
    ['attempt:>2', false],
    ['attempt:>=2 attempt:<=2', true],
    ['attempt:<2,>5', false],
    ['error:typeerror', true],
    ['error:"such \\"file"', true],
    ['-error:timeout', true],
    ['  state:failed \n queue:images  ', true],
  ];
  for (const [filter, matches] of cases) t.is(matchesFilter(parseFilter(filter), task, NOW), matches, filter);
});

test('what a task does not have matches no value, and every negation', (t) => {
  const { error: _, ...bare } = { ...task, worker: null, key: null };
  for (const term of ['worker:*', 'key:*', 'error:e']) {
    t.false(matchesFilter(parseFilter(term), bare, NOW), term);
    t.true(matchesFilter(parseFilter(`-${term}`), bare, NOW), term);
  }
});

test('what is wrong is named, with its position', (t) => {
  const cases: [filter: string, position: number, message: RegExp][] = [
    ['failed', 0, /"failed": expected FIELD:VALUE/],
    ['state:failed stat:x', 13, /unknown field "stat"; did you mean 'state'\?/],
    ['-colour:red', 1, /unknown field "colour"; expected one of state, queue/],
    ['state:faild', 6, /state: expected one of .*, got "faild"; did you mean 'failed'\?/],
    ['state:fail*', 6, /got "fail\*"/],
    ['queue:', 6, /missing value/],
    ['queue:a,', 8, /missing value/],
    ['queue: a', 6, /missing value/],
    ['type:*big', 5, /'\*' may stand at the end/],
    ['key:"a', 4, /missing closing/],
    ['key:"a\\n"', 7, /must be followed by/],
    ['key:a"b', 5, /must begin with one/],
    ['key:"a"b', 7, /expected ',' or a space/],
    ['since:5', 6, /since: expected a duration .*, got "5"/],
    ['since:2026-02-31', 6, /got "2026-02-31"/],
    ['until:2026-11-28T10:00', 6, /2026-11-28T10:00Z, got/],
    ['since:1969-12-31', 6, /got "1969-12-31"/],
    ['since:9999999d', 6, /longer than ten years/],
    ['attempt:>x', 8, /attempt: expected a whole number/],
    [':x', 0, /unknown field ""/],
    ['-', 0, /expected FIELD:VALUE/],
  ];
  for (const [filter, position, message] of cases) {
    const error = t.throws(() => parseFilter(filter), { instanceOf: FilterError, message }, filter);
    t.is(error.position, position, filter);
  }
});

test('the value of an option may hold spaces; what looks for part of a message is taken as it is', (t) => {
  t.deepEqual(filterTerm('key', 'a b,"c,d"'), {
    ...{ field: 'key', negated: false },
    values: [
      { text: 'a b', prefix: false },
      { text: 'c,d', prefix: false },
    ],
  });
  t.deepEqual(filterTerm('error', 'expected x, got "y"*').values, [{ text: 'expected x, got "y"*', prefix: false }]);
  t.throws(() => filterTerm('error', ''), { instanceOf: FilterError });
});

test('exact values that a filter allows are known beforehand', (t) => {
  t.is(valuesOf(parseFilter('queue:a*'), 'queue'), null);
  t.is(valuesOf(parseFilter('-queue:a'), 'queue'), null);
  t.deepEqual(valuesOf(parseFilter('queue:a,b queue:b,c'), 'queue'), new Set(['b']));
  t.deepEqual(valuesOf(parseFilter('queue:a queue:b'), 'queue'), new Set());
});

const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 });
const names = fc.record<TextValue>({ text, prefix: fc.boolean() });
const anyTerm = fc.oneof(
  fc.record({
    field: fc.constantFrom('queue', 'type', 'worker', 'key', 'batch', 'id'),
    negated: fc.boolean(),
    values: fc.array(names, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    field: fc.constant('state'),
    negated: fc.boolean(),
    values: fc.array(
      fc.constantFrom(...TASK_STATES).map((state) => ({ text: state, prefix: false })),
      { minLength: 1, maxLength: 3 },
    ),
  }),
  fc.record({
    field: fc.constant('attempt'),
    negated: fc.boolean(),
    values: fc.array(
      fc.record({ operator: fc.constantFrom('=', '>', '>=', '<', '<='), number: fc.nat({ max: 999_999_999 }) }),
      { minLength: 1, maxLength: 2 },
    ),
  }),
  fc.record({
    field: fc.constantFrom('since', 'until'),
    negated: fc.boolean(),
    values: fc.array(
      fc.oneof(
        fc.record({ agoMs: fc.nat({ max: 300_000_000_000 }) }),
        fc.record({ at: fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) }) }),
      ),
      { minLength: 1, maxLength: 2 },
    ),
  }),
) as fc.Arbitrary<FilterTerm>;

test('a filter that is written is read back as the same', (t) => {
  fc.assert(
    fc.property(fc.array(anyTerm, { maxLength: 4 }), (filter: Filter) => {
      t.deepEqual(parseFilter(formatFilter(filter)), filter);
    }),
  );
});
