import fc from 'fast-check';
import { testProp } from '@fast-check/ava';
import test from 'ava';
import { MAX_LINE_CHARS, lineOf, printedLine } from './log-text.js';
import { OutputLines } from './output-lines.js';

function linesOf(chunks: readonly Uint8Array[]): { lines: string[]; skipped: number } {
  const lines: string[] = [];
  let skipped = 0;
  const output = new OutputLines(
    (text) => lines.push(text),
    (count) => (skipped += count),
  );
  for (const chunk of chunks) output.push(chunk);
  output.end();
  return { lines, skipped };
}

testProp(
  'small output is cut at line feeds, wherever its pieces end',
  [fc.array(fc.string({ unit: fc.constantFrom('a', 'ä', '\n', ' ') })), fc.nat({ max: 7 })],
  (t, texts, size) => {
    const whole = Buffer.from(texts.join('\n'));
    const chunks = Array.from({ length: Math.ceil(whole.length / (size + 1)) }, (_, n) =>
      whole.subarray(n * (size + 1), (n + 1) * (size + 1)),
    );
    const expected = whole.toString().split('\n');
    if (expected.at(-1) === '') expected.pop();
    t.deepEqual(linesOf(chunks), { lines: expected, skipped: 0 });
  },
);

test('of a large piece the end is looked at, and the lines before it are counted', (t) => {
  const whole = Array.from({ length: 100_000 }, (_, n) => `${n}\n`).join('');
  const { lines, skipped } = linesOf([Buffer.from(whole)]);
  t.is(lines.at(-1), '99999');
  t.is(lines.length + skipped, 100_000);
  t.true(lines.length < 3_000);
});

test('a line without an end does not grow without bound', (t) => {
  const { lines } = linesOf(Array.from({ length: 1_000 }, () => Buffer.alloc(10_000, 120)));
  t.is(lines.length, 1);
  t.true((lines[0]?.length ?? 0) <= 16 * 1024);
});

test('lines are cut, control characters are escaped, secrets are left out', (t) => {
  t.is(printedLine('a\u001b[31mb\tc'), 'a\\u001b[31mb\\tc');
  t.is(printedLine('x'.repeat(5_000)).length, MAX_LINE_CHARS + 3);
  t.is(lineOf('calling', {}), 'calling');
  t.is(lineOf('calling', { password: 'hunter2', n: 3 }), 'calling {"password":"[redacted]","n":3}');
});
