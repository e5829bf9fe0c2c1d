import { testProp, fc } from '@fast-check/ava';
import test from 'ava';
import { Frames } from './framing.js';
import { MalformedPacketError } from './wire/reader.js';

const bodies = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 20 });

function stream(contents: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    contents.flatMap((content) => {
      const length = Buffer.alloc(4);
      length.writeInt32BE(content.length);
      return [length, content];
    }),
  );
}

function pieces(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const cut: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    // Memory of its own, as a socket gives it.
    cut.push(Buffer.from(bytes.subarray(at, at + size)));
    at += size;
  }
  return cut;
}

function take(frames: Frames, into: string[]): void {
  while (frames.next()) into.push(frames.bytes.toString('hex', frames.start, frames.end));
}

testProp(
  'however the stream is cut, the same frames come out',
  [bodies, fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }), fc.boolean()],
  (t, contents, sizes, eager) => {
    const frames = new Frames();
    const got: string[] = [];
    for (const piece of pieces(stream(contents), sizes)) {
      frames.push(piece);
      if (eager) take(frames, got);
    }
    take(frames, got);
    t.deepEqual(
      got,
      contents.map((content) => Buffer.from(content).toString('hex')),
    );
  },
);

test('a frame within a chunk is handed out in place, one across chunks is whole', (t) => {
  const frames = new Frames();
  const bytes = stream([Buffer.from('one'), Buffer.from('two')]);
  frames.push(bytes.subarray(0, 9));
  t.true(frames.next());
  t.is(frames.bytes.buffer, bytes.buffer);
  t.false(frames.next());
  frames.push(bytes.subarray(9));
  t.true(frames.next());
  t.is(frames.bytes.toString('utf8', frames.start, frames.end), 'two');
});

for (const [what, length] of [
  ['negative', -1],
  ['empty', 0],
  ['the answer of a web server', 0x48545450],
] as const) {
  test(`a length that is ${what} is refused before anything is allocated for it`, (t) => {
    const frames = new Frames();
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(length);
    frames.push(bytes);
    t.throws(() => frames.next(), { instanceOf: MalformedPacketError });
  });
}

test('a length that lies costs no more memory than what has come', (t) => {
  const before = process.memoryUsage().arrayBuffers;
  const bytes = Buffer.alloc(8);
  bytes.writeInt32BE(256 * 1024 * 1024);
  const begun = Array.from({ length: 50 }, () => {
    const frames = new Frames();
    frames.push(bytes);
    return frames.next();
  });
  t.false(begun.includes(true));
  t.true(process.memoryUsage().arrayBuffers - before < 100 * 1024 * 1024);
});

test('a frame of some MiB is whole', (t) => {
  const content = Buffer.alloc(5_000_001, 'abcdefg');
  const frames = new Frames();
  let got: Buffer | null = null;
  for (const piece of pieces(stream([content]), [65_536])) {
    frames.push(piece);
    if (frames.next()) got = frames.bytes.subarray(frames.start, frames.end);
  }
  t.true(got?.equals(content));
});
