import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { findDuplicateName } from './duplicate-name.js';

const duplicateIn = (json: string): string | null => findDuplicateName(json, JSON.parse(json) as object, 'retry');

test('a name that an object has twice is found, however it is spelled', (t) => {
  for (const [json, name] of [
    ['{"type":"a","type":"b"}', 'type'],
    ['{"type":"a","type":"a"}', 'type'],
    ['{"type":"a","t\\u0079pe":"b"}', 'type'],
    ['{"t\\u0079pe":"a","type":"b"}', 'type'],
    ['{"a/b":1,"a\\/b":2}', 'a/b'],
    ['{ "payload" : {"x":[{}]} , "queue":"q", "payload"\n:1}', 'payload'],
    ['{"__proto__":1,"__proto__":2}', '__proto__'],
    ['{"":1,"":2}', ''],
    ['{"\\"":1,"\\"":2}', '"'],
    ['{"type":"a","retry":{"kind":"linear","kind":"constant"}}', 'kind'],
  ] as const)
    t.is(duplicateIn(json), name, json);
});

test('the same name elsewhere is no duplicate', (t) => {
  for (const json of [
    '{}',
    '{"type":"type"}',
    '{"type":"a","payload":{"type":"b"}}',
    '{"payload":"\\"type\\":1,","type":"a"}',
    '{"payload":"}\\u0022,","type":"a"}',
    '{"payload":[{"type":1},{"type":2}],"type":"a"}',
    '{"retry":{"retry":1}}',
    '{"retry":[{"a":1},{"a":1}]}',
    '{"r\\u0065try":{"kind":"linear","jitter":1}}',
    '{"payload":{"a":1,"a":2}}',
    `{"type":"a","payload":{"type":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`,
  ])
    t.is(duplicateIn(json), null, json.slice(0, 80));
});

testProp(
  'what JSON.stringify writes has no duplicates; a field that is written again is one',
  [fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 })],
  (t, object) => {
    const json = JSON.stringify(object);
    t.is(duplicateIn(json), null);
    const [first = ''] = Object.keys(object);
    t.is(duplicateIn(`${json.slice(0, -1)},${JSON.stringify(first)}:1}`), first);
  },
);
