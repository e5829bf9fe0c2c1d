import { testProp, fc } from '@fast-check/ava';
import { rewatchPieces, writeRewatch } from './rewatch.js';
import type { WatchPaths } from './watches.js';
import { OPCODE, XID } from './wire/opcodes.js';
import { PacketReader } from './wire/reader.js';
import { PacketWriter } from './wire/writer.js';

const names = fc.array(fc.string({ minLength: 1, maxLength: 60 }), { maxLength: 40 });
const watches: fc.Arbitrary<WatchPaths> = fc.record({
  data: names,
  exists: names,
  children: names,
  persistent: names,
  recursive: names,
});
const KINDS = ['data', 'exists', 'children', 'persistent', 'recursive'] as const;
const isEmpty = (paths: WatchPaths): boolean => KINDS.every((kind) => paths[kind].length === 0);

testProp('the pieces hold every watch once, in order, one-shot ones before persistent ones', [watches], (t, paths) => {
  const pieces = rewatchPieces(paths, 400);
  for (const kind of KINDS)
    t.deepEqual(
      pieces.flatMap((piece) => piece[kind]),
      paths[kind],
    );
  const order = pieces.flatMap((piece) => KINDS.flatMap((kind, rank) => piece[kind].map(() => rank)));
  t.deepEqual(
    order,
    [...order].sort((a, b) => a - b),
  );
});

testProp('no piece passes the limit, and none is empty', [watches], (t, paths) => {
  const pieces = rewatchPieces(paths, 400);
  t.is(pieces.length === 0, isEmpty(paths));
  for (const piece of pieces) {
    const sizes = KINDS.flatMap((kind) => piece[kind].map((path) => 4 + Buffer.byteLength(path)));
    t.true(sizes.length === 1 || sizes.reduce((sum, size) => sum + size, 0) <= 400);
    t.true(sizes.length > 0);
  }
});

testProp('a server before 3.6 gets the request it knows, where it can hold the watches', [watches], (t, paths) => {
  const pieces = rewatchPieces(paths, 4_000);
  t.is(pieces.length === 0, isEmpty(paths));
  for (const piece of pieces) {
    const writer = new PacketWriter();
    writeRewatch(writer, piece, 7n);
    const bytes = Buffer.concat(writer.take());
    const reader = new PacketReader();
    reader.reset(bytes, 4, bytes.length);
    t.is(reader.int(), XID.setWatches);
    const old = piece.persistent.length + piece.recursive.length === 0;
    t.is(reader.int(), old ? OPCODE.setWatches : OPCODE.setWatches2);
    t.is(reader.long(), 7n);
    for (const kind of old ? KINDS.slice(0, 3) : KINDS) t.deepEqual(reader.strings(), piece[kind]);
    t.is(reader.remaining, 0);
  }
});
