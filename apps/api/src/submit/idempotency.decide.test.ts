import { batchIds, isBatchId, timeOfBatch } from '@drover/core';
import test from 'ava';
import { fingerprintOf, partId, requestKeyOf } from './idempotency.decide.js';

const NOW = 1_767_225_600_000;
const ULID = batchIds(
  () => NOW,
  () => 0.4,
)();
const UUID = `${NOW.toString(16)
  .padStart(12, '0')
  .replace(/^(.{8})/, '$1-')}-7abc-8def-0123456789ab`;

const idOf = (key: string, principal = 'token\0ci', now = NOW): string => {
  const found = requestKeyOf(key, principal, now);
  return found.kind === 'timed' ? found.id : `stored ${found.name}`;
};

test('a key with a time leads to a batch of that time, the same whenever it comes', (t) => {
  for (const key of [ULID, UUID]) {
    const id = idOf(key);
    t.true(isBatchId(id));
    t.is(timeOfBatch(id), NOW);
    t.is(idOf(key.toLowerCase()), id);
    t.is(idOf(`"${key}"`, undefined, NOW + 3_600_000), id, 'as a string of a structured field, an hour later');
    t.not(idOf(key, 'token\0other'), id);
  }
  t.not(idOf(ULID), ULID, 'somebody who knows the key of another caller does not know the batch');
});

test('any other text is stored, and so is a key of another day', (t) => {
  for (const key of ['order-4711', 'a b', '8ZZZZZZZZZ0000000000000000', UUID.replace('-7', '-4')])
    t.regex(idOf(key), /^stored [0-9a-f]{64}$/);
  t.regex(idOf(ULID, undefined, NOW + 86_400_001), /^stored/);
  t.regex(idOf(ULID, undefined, NOW - 86_400_001), /^stored/);
  t.not(idOf('a', 'x'), idOf('a', 'y'));
});

test('a key that comes again when its day is over says which batch it led to, and one of the future where it was stored', (t) => {
  const DAY = 86_400_000;
  for (const key of [ULID, UUID]) {
    const at = (now: number) => requestKeyOf(key, 'p', now);
    const timed = at(NOW);
    t.is(timed.kind, 'timed');
    t.is(timed.earlier, undefined);
    t.like(at(NOW + DAY), { ...timed });
    const late = at(NOW + DAY + 1);
    t.like(late, { kind: 'stored', earlier: { id: timed.kind === 'timed' ? timed.id : '' } });
    const early = at(NOW - DAY - 1);
    t.like(early, { kind: 'stored' });
    t.is(early.earlier, undefined, 'nobody can have sent it before');
    const name = early.kind === 'stored' ? early.name : '';
    t.like(at(NOW - DAY), { ...timed, earlier: { requestKey: name } });
    t.deepEqual(at(NOW - DAY - 1), requestKeyOf(key.toLowerCase(), 'p', NOW - DAY - 1));
  }
});

test('a key that is none is refused', (t) => {
  for (const key of ['', '  ', '""', 'k'.repeat(129), 'a\nb', 'ö'])
    t.throws(() => idOf(key), { message: /^Idempotency-Key: expected 1 to 128/, code: 'invalid-argument' });
});

test('the parts of a request have ids of their own', (t) => {
  const ids = [0, 1, 2, 3].map((n) => partId(ULID, n));
  t.is(ids[0], ULID);
  t.is(new Set(ids).size, 4);
  t.true(ids.every((id) => isBatchId(id) && timeOfBatch(id) === NOW));
});

test('a fingerprint is of what a body says, not of how it says it', (t) => {
  const one = { tasks: [{ type: 'a', payload: { x: 1, y: [1, 2] } }] };
  const same = JSON.parse('{"tasks":[{"payload":{"y":[1,2],"x":1},"type":"a"}]}') as unknown;
  t.is(fingerprintOf(one), fingerprintOf(same));
  t.regex(fingerprintOf(one), /^[0-9a-f]{16}$/);
  const others = [
    {},
    [],
    null,
    1,
    '1',
    { tasks: [{ type: 'a', payload: { x: 1, y: [2, 1] } }] },
    { ...one, defaults: {} },
  ];
  t.is(new Set([one, ...others].map(fingerprintOf)).size, others.length + 1);
  let deep: unknown = 1;
  for (let level = 0; level < 200_000; level++) deep = [deep];
  t.throws(() => fingerprintOf(deep), { code: 'invalid-argument' });
});
