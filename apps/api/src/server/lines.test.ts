import test from 'ava';
import { linesOf } from './lines.js';

async function collect(source: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const each of source) all.push(each);
  return all;
}

test('what is ready goes out in one piece, in its order, and an error comes after it', async (t) => {
  async function* numbers() {
    for (let n = 0; n < 5; n++) yield n;
    throw new Error('broken');
  }
  const pieces: string[] = [];
  const error = await t.throwsAsync(async () => {
    for await (const piece of linesOf(numbers(), (n) => `${n}\n`)) pieces.push(piece);
  });
  t.is(error.message, 'broken');
  t.deepEqual(pieces, ['0\n1\n2\n3\n4\n']);
});

test('an empty source gives nothing, a long one many pieces', async (t) => {
  async function* many(count: number) {
    for (let n = 0; n < count; n++) yield 'x'.repeat(1_000);
  }
  t.deepEqual(await collect(linesOf(many(0), String)), []);
  const pieces = await collect(linesOf(many(100), String));
  t.is(pieces.join('').length, 100_000);
  t.true(pieces.length > 2 && pieces.length <= 100);
});
