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

/** The next frames, `most` of them at most. */
function take(frames: Frames, into: string[], most = Infinity): void {
  for (let n = 0; n < most && frames.next(); n++) into.push(frames.bytes.toString('hex', frames.start, frames.end));
}

testProp(
  'however the stream is cut, and however many frames are taken at a time, the same frames come out',
  [
    bodies,
    // Null: every frame is a chunk.
    fc.option(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 })),
    fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1 }),
  ],
  (t, contents, sizes, takes) => {
    const frames = new Frames();
    const got: string[] = [];
    const chunks = sizes === null ? contents.map((content) => stream([content])) : pieces(stream(contents), sizes);
    chunks.forEach((piece, i) => {
      frames.push(piece);
      take(frames, got, takes[i % takes.length]);
    });
    take(frames, got);
    t.deepEqual(
      got,
      contents.map((content) => Buffer.from(content).toString('hex')),
    );
  },
);

test('chunks that come while others wait keep their order, also where reading stopped at the end of a chunk', (t) => {
  const frames = new Frames();
  const got: string[] = [];
  for (const text of ['a', 'b']) frames.push(stream([Buffer.from(text)]));
  take(frames, got, 1);
  frames.push(stream([Buffer.from('c')]));
  take(frames, got);
  t.deepEqual(got, ['61', '62', '63']);
});

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
