import test from 'ava';
import { InvalidArgumentError } from './errors.js';
import { parseUnique, uniqueFromText } from './parse-unique.js';
import { featuresOf, parseTask } from './task-options.js';

const optionsOf = (unique: unknown, more: object = {}) => parseTask('t', { unique, ...more }).options;

test('a key alone is the option key, and no feature is needed for it', (t) => {
  for (const unique of ['doc1', { key: 'doc1' }, { key: 'doc1', mode: 'first' }, { key: 'doc1', for: null }]) {
    t.deepEqual(optionsOf(unique), parseTask('t', { key: 'doc1' }).options);
    t.deepEqual(featuresOf(optionsOf(unique)), []);
  }
});

test('a key that is held beyond its end is guarded by submitters too, and an older leader must leave it alone', (t) => {
  const options = optionsOf({ key: 'doc1', for: '24h' });
  t.is(options.key, 'doc1');
  t.like(options.unique, { mode: 'first', forMs: 86_400_000 });
  t.deepEqual(featuresOf(options), ['unique']);
});

test('the other modes are held by no key', (t) => {
  for (const unique of [
    { key: 'k', mode: 'last' },
    { key: 'k', mode: 'cancel' },
    { key: 'k', mode: 'throttle', every: '2s', trailing: false },
    { key: 'k', mode: 'debounce', quiet: '5s', max: '1m' },
  ]) {
    const options = optionsOf(unique);
    t.is(options.key, null);
    t.is(options.unique?.mode, unique.mode as never);
    t.deepEqual(featuresOf(options), ['unique']);
  }
});

const WRONG: [given: unknown, argument: string, message: RegExp][] = [
  [{ mode: 'last' }, 'unique.key', /text of 1 to 512 characters/],
  [{ key: 'k', mode: 'newest' }, 'unique.mode', /'first', 'last', 'cancel', 'throttle', 'debounce'/],
  [{ key: 'k', mode: 'throttle' }, 'unique.every', /mode 'throttle' needs it/],
  [{ key: 'k', mode: 'debounce' }, 'unique.quiet', /mode 'debounce' needs it/],
  [{ key: 'k', mode: 'last', quiet: '5s' }, 'unique.quiet', /no quiet with mode 'last'/],
  [{ key: 'k', every: '5s' }, 'unique.every', /no every with mode 'first'/],
  [{ key: 'k', for: '8d' }, 'unique.for', /at most 7 days/],
  [{ key: 'k', mode: 'throttle', every: 0 }, 'unique.every', /at least 1 ms/],
  [{ key: 'k', mode: 'throttle', every: '2s', trailing: 'no' }, 'unique.trailing', /true or false/],
  [{ key: 'k', mode: 'debounce', quiet: '5s', max: '1s' }, 'unique.max', /at least quiet/],
  [{ key: 'k', mod: 'last' }, 'unique.mod', /did you mean "mode"/],
  [['k'], 'unique', /an object/],
  ['', 'unique', /text of 1 to 512/],
];
for (const [given, argument, message] of WRONG)
  test(`refused, with what is wrong: ${JSON.stringify(given)}`, (t) => {
    const error = t.throws(() => optionsOf(given), { instanceOf: InvalidArgumentError, message });
    t.is(error.argument, argument);
  });

test('key and unique say the same, so both together are refused', (t) => {
  t.throws(() => optionsOf('a', { key: 'b' }), {
    instanceOf: InvalidArgumentError,
    message: /no unique beside the key/,
  });
});

test('the flag: a key and its fields', (t) => {
  t.is(uniqueFromText('doc1'), 'doc1');
  t.deepEqual(uniqueFromText('doc1,mode=debounce,quiet=5s,max=1m'), {
    key: 'doc1',
    mode: 'debounce',
    quiet: '5s',
    max: '1m',
  } as never);
  t.like(parseUnique('unique', uniqueFromText('doc1, mode=throttle, every=2s, trailing=false')), {
    trailing: false,
    everyMs: 2_000,
  });
  for (const wrong of ['doc1,last', 'doc1,mod=last', 'doc1,', 'doc1,key=a'])
    t.throws(() => uniqueFromText(wrong), { instanceOf: InvalidArgumentError, message: /KEY\[,mode=/ });
});
