import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { toTemplate } from './builder/references.js';
import { resolve } from './index.js';

const sources = {
  input: { day: 'monday', files: ['a', 'b'] },
  result: (step: string): unknown => (step === 'merge' ? { sum: 7, parts: [1, 2] } : undefined),
  outcome: { state: 'failed', failed: ['parse'] },
};

test('references become values', (t) => {
  const template = {
    day: { $input: ['day'] },
    second: { $input: ['files', 1] },
    sum: { $step: 'merge', at: ['sum'] },
    all: [{ $step: 'merge', at: [] }, { $outcome: ['state'] }, { $items: 'parse' }],
  };
  t.deepEqual(resolve(template, sources), {
    ...{ day: 'monday', second: 'b', sum: 7 },
    all: [{ sum: 7, parts: [1, 2] }, 'failed', null],
  });
});

test('a path that leads nowhere gives null, also into what every object has', (t) => {
  for (const at of [['nothing'], ['sum', 'more'], ['constructor'], ['parts', 2], ['__proto__']])
    t.is(resolve({ $step: 'merge', at }, sources), null);
  t.is(resolve({ $step: 'skipped', at: [] }, sources), null);
});

testProp('a value without references comes out as it went in', [fc.jsonValue()], (t, value) => {
  const template = toTemplate(value, 'input', new Set());
  t.deepEqual(JSON.stringify(resolve(template, sources)), JSON.stringify(value));
});

testProp('a value with a field that begins with $ too', [fc.jsonValue()], (t, value) => {
  const given = { $step: value, $: 1 };
  t.deepEqual(JSON.stringify(resolve(toTemplate(given, 'input', new Set()), sources)), JSON.stringify(given));
});
