import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { readLines, type Line } from './lines.js';

async function allOf(chunks: Iterable<Buffer>): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const some of readLines(asyncOf(chunks))) lines.push(...some);
  return lines;
}

async function* asyncOf(chunks: Iterable<Buffer>): AsyncGenerator<Buffer> {
  yield* chunks;
}

const line = fc.string({ unit: 'grapheme' }).filter((text) => !/[\n\r\uFEFF]/.test(text));
const cuts = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 });

testProp(
  'however the bytes arrive, the lines and their numbers are the same',
  [fc.array(line), cuts],
  async (t, texts, sizes) => {
    const bytes = Buffer.from(texts.join('\n'));
    const chunks: Buffer[] = [];
    for (let at = 0, n = 0; at < bytes.length; n++) {
      const size = sizes[n % sizes.length]!;
      chunks.push(bytes.subarray(at, at + size));
      at += size;
    }
    const expected = texts.map((text, index) => ({ number: index + 1, text })).filter(({ text }) => text.trim() !== '');
    t.deepEqual(await allOf(chunks), expected);
  },
);

test('a line that is longer than any task is not gathered, and the one behind it is read', async (t) => {
  const long = Buffer.alloc(300_000, 'x');
  const lines = await allOf([Buffer.from('a\n'), ...Array.from({ length: 8 }, () => long), Buffer.from('\nb')]);
  t.deepEqual(lines, [
    { number: 1, text: 'a' },
    { number: 2, text: null, fault: 'too long' },
    { number: 3, text: 'b' },
  ]);
});

test('a byte order mark is not part of the first line', async (t) => {
  t.deepEqual(await allOf([Buffer.from('\uFEFF{}\r\n')]), [{ number: 1, text: '{}\r' }]);
});

test('bytes that are no UTF-8 make their own line faulty, not its neighbours, however they arrive', async (t) => {
  const bytes = Buffer.concat([Buffer.from('ä\n"'), Buffer.from([0xff, 0xc3]), Buffer.from('"\nö')]);
  const expected: Line[] = [
    { number: 1, text: 'ä' },
    { number: 2, text: null, fault: 'not UTF-8' },
    { number: 3, text: 'ö' },
  ];
  for (let size = 1; size <= bytes.length; size++) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
      bytes.subarray(n * size, (n + 1) * size),
    );
    t.deepEqual(await allOf(chunks), expected, String(size));
  }
});

test('a character that is cut off at the end of the stream is no UTF-8', async (t) => {
  t.deepEqual(await allOf([Buffer.from('a\n'), Buffer.from([0xc3])]), [
    { number: 1, text: 'a' },
    { number: 2, text: null, fault: 'not UTF-8' },
  ]);
});
