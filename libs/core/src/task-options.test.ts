import test from 'ava';
import { InvalidArgumentError, UnknownCellError } from './errors.js';
import { DEFAULT_RETRY } from './retry.js';
import { parseRetry } from './parse-retry.js';
import { isWellFormed } from './names.js';
import {
  DEFAULT_TASK_OPTIONS,
  featuresOf,
  parseTask,
  type GivenTaskOptions,
  type TaskOptions,
} from './task-options.js';

const ID = '01JD3V8R2MZ6K4Q7T9XBYC5HNA.0';

const optionsFor = (type: unknown, given: GivenTaskOptions): TaskOptions => parseTask(type, given).options;

test('what is left out, undefined or null has its default', (t) => {
  const none = {
    ...DEFAULT_TASK_OPTIONS,
    type: 'a',
    maxAttempts: 3,
    timeoutMs: null,
    delayMs: 0,
    tenant: '',
    priority: 0,
  };
  t.deepEqual(optionsFor('a', {}), none);
  const names = ['tenant', 'priority', 'maxAttempts', 'timeout', 'delay', 'retry', 'key', 'expires', 'deadline'];
  for (const nothing of [undefined, null])
    t.deepEqual(optionsFor('a', Object.fromEntries(names.map((name) => [name, nothing]))), none);
});

test('whatever is no value of its option is refused, and the error names the option', (t) => {
  const refused: [argument: string, given: object][] = [
    ['queue', { queue: 'a b' }],
    ['tenant', { tenant: '' }],
    ['tenant', { tenant: 'a/b' }],
    ['tenant', { tenant: 7 }],
    ['priority', { priority: 10 }],
    ['priority', { priority: -10 }],
    ['priority', { priority: 1.5 }],
    ['priority', { priority: '5' }],
    ['maxAttempts', { maxAttempts: '3' }],
    ['maxAttempts', { maxAttempts: 1.5 }],
    ['maxAttempts', { maxAttempts: 101 }],
    ['timeout', { timeout: 0 }],
    ['timeout', { timeout: Infinity }],
    ['timeout', { timeout: '11 years' }],
    ['heartbeat', { heartbeat: 0 }],
    ['heartbeat', { heartbeat: 'often' }],
    ['delay', { delay: 'soon' }],
    ['delay', { delay: {} }],
    ['expires', { expires: 0 }],
    ['expires', { expires: '11 years' }],
    ['deadline', { deadline: 0 }],
    ['deadline', { deadline: '-2h' }],
    ['deadline', { deadline: '5s', delay: '5s' }],
    ['key', { key: '' }],
    ['key', { key: 1 }],
    ['key', { key: 'k'.repeat(513) }],
    ['key', { key: '\u{1f511}'.repeat(257) }],
    ['key', { key: 'a\ud800' }],
    ['key', { key: '\udc00a' }],
    ['after', { after: 'first' }],
    ['after', { after: [ID, 'none'] }],
    ['after', { after: Array.from({ length: 101 }, () => ID) }],
    ['after', { after: [ID], unique: { key: 'k', mode: 'last' } }],
    ['afterMode', { after: [ID], afterMode: 'failed' }],
    ['afterMode', { afterMode: 'ended' }],
    ['retry', { retry: 'constant' }],
    ['retry', { retry: [] }],
    ['retry.delay', { retry: { delay: '5s' } }],
  ];
  for (const [argument, given] of refused) {
    const error = t.throws(() => optionsFor('a', given), { instanceOf: InvalidArgumentError });
    t.is(error.argument, argument, JSON.stringify(given));
  }
  for (const type of [undefined, null, 3, '', 'a b', '-a', 'a\ud800', {}])
    t.is(t.throws(() => optionsFor(type, {}), { instanceOf: InvalidArgumentError }).argument, 'type');
});

test('the tasks to run after are ids, each once; a default mode means nothing without them', (t) => {
  const other = ID.replace('.0', '.12');
  t.deepEqual(optionsFor('a', { after: [ID, other, ID] }).after, [ID, other]);
  t.deepEqual(optionsFor('a', { after: ID }).after, [ID]);
  t.is(optionsFor('a', { after: [] }).after, null);
  t.is(parseTask('a', {}, { afterMode: 'ended' }).options.afterMode, 'succeeded');
  t.is(parseTask('a', { after: ID }, { afterMode: 'ended' }).options.afterMode, 'ended');
  t.deepEqual(featuresOf(optionsFor('a', { after: ID, unique: 'k' })), ['after']);
  t.throws(() => optionsFor('a', { after: `eu1~${ID}` }), { instanceOf: UnknownCellError });
});

test('a key may be as long as the limit says, in characters, not bytes', (t) => {
  const key = 'ü'.repeat(512);
  t.is(optionsFor('a', { key }).key, key);
});

test('a policy of retries is whole and finite, or refused with the field', (t) => {
  t.is(parseRetry('retry', undefined), null);
  t.deepEqual(parseRetry('retry', {}), DEFAULT_RETRY);
  t.deepEqual(parseRetry('retry', { kind: undefined, delayMs: '5s' }), { ...DEFAULT_RETRY, delayMs: 5_000 });
  t.is(
    parseRetry('retry', { delayMs: 3_600_000 })?.maxDelayMs,
    3_600_000,
    'the default cap cuts no delay that is given',
  );
  const refused: [field: string, given: object][] = [
    ['kind', { kind: 'fibonacci' }],
    ['kind', { kind: 'toString' }],
    ['delayMs', { delayMs: Infinity }],
    ['delayMs', { delayMs: -1 }],
    ['delayMs', { delayMs: NaN }],
    ['maxDelayMs', { maxDelayMs: 'long' }],
    ['jitter', { jitter: '0.1' }],
    ['jitter', { jitter: 1.1 }],
    ['jitter', { jitter: NaN }],
    ['jiter', { jiter: 0 }],
  ];
  for (const [field, given] of refused) {
    const error = t.throws(() => parseRetry('retry', given), { instanceOf: InvalidArgumentError });
    t.is(error.argument, `retry.${field}`, JSON.stringify(given));
  }
});

test('text is well-formed unless it has half a surrogate pair', (t) => {
  for (const text of ['', 'a', '\u0000', '\ufffd', '😀', 'a😀b']) t.true(isWellFormed(text), JSON.stringify(text));
  for (const text of ['\ud800', 'a\udc00', '\udc00\ud800', '😀\ud83d'])
    t.false(isWellFormed(text), JSON.stringify(text));
});

test('a task needs the features of the options that it was given, and no others', (t) => {
  t.deepEqual(featuresOf(optionsFor('a', { delay: '5s', key: 'k' })), []);
  t.deepEqual(featuresOf(optionsFor('a', { expires: '10m' })), ['expires']);
  t.deepEqual(featuresOf(optionsFor('a', { expires: '10m', deadline: '2h' })), ['deadline', 'expires']);
});

test('a deadline that ends before the delay could let nothing run', (t) => {
  t.notThrows(() => optionsFor('a', { delay: '5s', deadline: 5_001 }));
  const error = t.throws(() => parseTask('a', { deadline: '1s' }, { delay: '5s' }), {
    instanceOf: InvalidArgumentError,
  });
  t.regex(error.message, /^deadline: expected more than the delay of 5000 ms/);
});
