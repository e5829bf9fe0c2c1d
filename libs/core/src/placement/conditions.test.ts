import { fc, testProp } from '@fast-check/ava';
import test, { type ExecutionContext } from 'ava';
import { InvalidArgumentError } from '../errors.js';
import { failing, matchesGlob, sameWhere, satisfies, type Where } from './conditions.js';
import { formatWhere, parseConditions } from './parse-conditions.js';

const where = (given: unknown): Where => parseConditions('where', given) ?? [];
const message = (t: ExecutionContext, given: unknown): string =>
  t.throws(() => where(given), { instanceOf: InvalidArgumentError }).message;

test('each operator says which labels meet it; one that is not there meets only not and absent', (t) => {
  const labels = { zone: 'a', arch: 'x64', cores: '16', version: '1.6.2', rack: 'r1-7' };
  for (const text of [
    'zone=a|b',
    'arch!=arm',
    'cores>=16',
    'cores>8',
    'cores<=16',
    'cores<17',
    'zone',
    '!gpu',
    'gpu!=1',
  ])
    t.true(satisfies(where(text), labels), text);
  for (const text of ['version semver >=1.5.0', 'rack glob r1-*', 'zone in a|b'])
    t.true(satisfies(where(text), labels), text);
  for (const text of [
    'zone=b',
    'arch!=x64',
    'cores>16',
    'cores<16',
    '!zone',
    'gpu',
    'gpu=1',
    'gpu>=1',
    'version semver <1',
    'zone>=1',
  ])
    t.false(satisfies(where(text), labels), text);
  t.deepEqual(failing(where('zone=b,gpu,cores>=8'), labels), ['gpu', 'zone']);
});

test('objects and texts say the same, in one order', (t) => {
  const given = {
    zone: ['b', 'a'],
    arch: { not: 'arm' },
    cores: { gte: 8 },
    gpu: { absent: true },
    disk: { exists: true },
  };
  t.deepEqual(where(given), where('!gpu,zone=a|b,disk,cores>=8,arch!=arm'));
  t.true(sameWhere(where({ cores: { gte: 8, lt: 64 } }), where('cores<64,cores>=8')));
  t.is(parseConditions('where', {}), null);
  t.deepEqual(where({ cores: 8 }), where('cores=8'));
});

test('conditions that make no sense are refused with what was expected', (t) => {
  t.regex(message(t, 'zone=='), /conditions such as zone=a/);
  t.regex(message(t, Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`l${n}`, 'x']))), /16 at most/);
  t.regex(message(t, { zone: Array.from({ length: 65 }, (_, n) => `v${n}`) }), /1 to 64 values/);
  t.regex(message(t, { zone: 'x'.repeat(500), other: 'y'.repeat(500), third: 'z'.repeat(100) }), /1024 bytes at most/);
  t.regex(message(t, { cores: { gte: 'many' } }), /where\.cores\.gte: expected a number/);
  t.regex(message(t, { cores: { above: 8 } }), /unknown option "above"/);
  t.regex(message(t, { version: { semver: 'newest' } }), /a range of versions/);
  t.regex(message(t, { gpu: { exists: false } }), /expected true/);
  for (const given of [
    null,
    5,
    [],
    { zone: {} },
    { zone: [] },
    { zone: [null] },
    { '': 'a' },
    'a b c',
    '>=8',
    'zone=a,',
  ])
    message(t, given);
});

const anyLabel = fc.stringMatching(/^[a-z]{1,4}$/);
const anyValue = fc.stringMatching(/^[a-z0-9.*-]{1,5}$/);
testProp(
  'conditions that are written as text are read back as the same',
  [
    fc.dictionary(
      anyLabel,
      fc.oneof(
        fc.array(anyValue, { minLength: 1, maxLength: 3 }),
        fc.record({ not: anyValue }),
        fc.record({ gte: fc.integer() }),
        fc.constant({ exists: true }),
        fc.constant({ absent: true }),
        fc.record({ glob: anyValue }),
      ),
      { minKeys: 1, maxKeys: 5 },
    ),
  ],
  (t, given) => {
    t.deepEqual(where(formatWhere(where(given))), where(given));
  },
);

testProp(
  'a pattern matches as its regular expression does',
  [fc.stringMatching(/^[ab*]{0,6}$/), fc.stringMatching(/^[ab]{0,8}$/)],
  (t, pattern, text) => {
    t.is(matchesGlob(pattern, text), new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(text));
  },
);
