import { fc, testProp } from '@fast-check/ava';
import { LIMITS } from '@drover/core';
import { bytesOf, nextPacket, type Entry } from './pack.decide.js';

const entry = fc.record({
  operations: fc.integer({ min: 1, max: 300 }),
  bytes: fc.integer({ min: 1, max: 400_000 }),
  alone: fc.boolean(),
});
const queue = fc.array(entry, { minLength: 1, maxLength: 50 }).map((entries) =>
  entries.map(({ operations, bytes, alone }): Entry => ({
    operations: Array.from({ length: operations }, () => ({ op: 'delete', path: '/a' })),
    bytes,
    alone,
  })),
);

function packets(entries: readonly Entry[]): Entry[][] {
  const all: Entry[][] = [];
  for (let from = 0; from < entries.length;) {
    const count = nextPacket(entries, from);
    all.push(entries.slice(from, from + count));
    from += Math.max(count, 1);
  }
  return all;
}

testProp('every entry is sent once, in order', [queue], (t, entries) => {
  t.deepEqual(packets(entries).flat(), entries);
});

testProp('what may fail is alone in its multi', [queue], (t, entries) => {
  t.true(packets(entries).every((packet) => packet.length === 1 || packet.every(({ alone }) => !alone)));
});

testProp('a multi of several entries keeps the limits', [queue], (t, entries) => {
  const tooLarge = packets(entries).filter(
    (packet) =>
      packet.length > 1 &&
      (packet.reduce((sum, { bytes }) => sum + bytes, 0) > LIMITS.multiBytes ||
        packet.reduce((sum, { operations }) => sum + operations.length, 1) > LIMITS.multiOperations),
  );
  t.deepEqual(tooLarge, []);
});

testProp('the bytes of an operation cover its path and its data', [fc.string({ unit: 'binary' })], (t, data) => {
  t.true(bytesOf([{ op: 'create', path: '/a', data }]) >= 2 + Buffer.byteLength(data));
});
