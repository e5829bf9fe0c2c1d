import { testProp, fc } from '@fast-check/ava';
import test from 'ava';
import { Frames } from '../framing.js';
import { MAX_REQUEST_BYTES } from './opcodes.js';
import { MalformedPacketError, PacketReader } from './reader.js';
import { PacketTooLargeError, PacketWriter } from './writer.js';

const texts = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ maxLength: 200 }));

function readers(output: readonly Buffer[]): PacketReader[] {
  const frames = new Frames();
  for (const chunk of output) frames.push(chunk);
  const found: PacketReader[] = [];
  while (frames.next()) {
    const reader = new PacketReader();
    reader.reset(frames.bytes, frames.start, frames.end);
    found.push(reader);
  }
  return found;
}

testProp(
  'what was written is read',
  [
    fc.array(
      fc.record({
        text: texts,
        data: fc.uint8Array({ maxLength: 40_000 }),
        int: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        long: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        flag: fc.boolean(),
        list: fc.array(texts, { maxLength: 5 }),
      }),
      { maxLength: 12 },
    ),
  ],
  (t, records) => {
    const writer = new PacketWriter();
    for (const { text, data, int, long, flag, list } of records) {
      writer.begin();
      writer.string(text);
      writer.data(data);
      writer.int(int);
      writer.long(long);
      writer.bool(flag);
      writer.strings(list);
      writer.end();
    }
    const found = readers(writer.take());
    t.is(found.length, records.length);
    for (const [i, { text, data, int, long, flag, list }] of records.entries()) {
      const reader = found[i];
      // Lone surrogates have no UTF-8: both ways of encoding replace them alike.
      t.is(reader?.string(), Buffer.from(text).toString());
      t.deepEqual(reader?.data(), Buffer.from(data));
      t.is(reader?.int(), int);
      t.is(reader?.long(), long);
      t.is(reader?.bool(), flag);
      t.deepEqual(
        reader?.strings(),
        list.map((item) => Buffer.from(item).toString()),
      );
      t.is(reader?.remaining, 0);
    }
    t.true(writer.isEmpty);
  },
);

testProp(
  'packets leave in the order in which they were completed or appended; detached and cancelled ones do not leave',
  [fc.array(fc.tuple(fc.constantFrom('send', 'detach', 'cancel', 'take'), fc.nat({ max: 70_000 })), { maxLength: 40 })],
  (t, steps) => {
    const writer = new PacketWriter();
    const expected: number[] = [];
    const output: Buffer[] = [];
    let held: { packet: Buffer; id: number } | null = null;
    for (const [id, [step, size]] of steps.entries()) {
      if (step === 'take') {
        output.push(...writer.take());
        if (held !== null) {
          writer.append(held.packet);
          expected.push(held.id);
          held = null;
        }
        continue;
      }
      writer.begin();
      writer.int(id);
      writer.data(Buffer.alloc(size, id));
      if (step === 'cancel') writer.cancel();
      else writer.end();
      if (step === 'send') expected.push(id);
      if (step === 'detach') held = { packet: writer.detach(), id };
    }
    output.push(...writer.take());
    t.deepEqual(
      readers(output).map((reader) => {
        const id = reader.int();
        const data = reader.data();
        return data.every((byte) => byte === id % 256) ? id : -1;
      }),
      expected,
    );
  },
);

testProp('no truncated packet is read past its end', [fc.uint8Array({ maxLength: 64 })], (t, bytes) => {
  const reader = new PacketReader();
  reader.reset(Buffer.from(bytes), 0, bytes.length);
  try {
    for (;;) {
      reader.strings();
      reader.data();
      reader.int();
    }
  } catch (error) {
    t.true(error instanceof MalformedPacketError);
  }
});

test('the largest request that a server accepts can be written, one byte more cannot', (t) => {
  const writer = new PacketWriter();
  writer.begin();
  writer.data(Buffer.alloc(MAX_REQUEST_BYTES - 4));
  t.is(writer.end(), MAX_REQUEST_BYTES);
  for (const data of [Buffer.alloc(MAX_REQUEST_BYTES - 3), 'x'.repeat(2_000_000)]) {
    t.throws(
      () => {
        writer.begin();
        writer.data(data);
        writer.end();
      },
      { instanceOf: PacketTooLargeError },
    );
    writer.cancel();
  }
  t.is(readers(writer.take()).length, 1);
});

test('a large payload is a slice of what was received, a small one does not keep it alive', (t) => {
  const received = Buffer.alloc(65_536);
  received.writeInt32BE(60_000, 0);
  const reader = new PacketReader();
  reader.reset(received, 0, received.length);
  t.is(reader.data().buffer, received.buffer);
  received.writeInt32BE(10, 0);
  reader.reset(received, 0, received.length);
  t.not(reader.data().buffer, received.buffer);
});
