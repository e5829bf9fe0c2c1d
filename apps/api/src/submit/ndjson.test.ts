import test from 'ava';
import { BadLineError, jsonLines } from './ndjson.js';

async function* pieces(text: string | Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const data = Buffer.from(text as string);
  for (let from = 0; from < data.length; from += size) yield data.subarray(from, from + size);
}

async function read(text: string | Uint8Array, size = 7): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const { line, value } of jsonLines(pieces(text, size))) found.push([line, value]);
  return found;
}

test('lines come out whatever pieces they arrive in; empty ones are passed over and counted', async (t) => {
  const text = '{"a":"ö"}\n\r\n  \n[1]\r\n"last"';
  for (const size of [1, 2, 3, 5, 100])
    t.deepEqual(await read(text, size), [
      [1, { a: 'ö' }],
      [4, [1]],
      [5, 'last'],
    ]);
  t.deepEqual(await read(''), []);
});

test('the first line that is wrong is named, and what came before it was told', async (t) => {
  const bad: [string | Uint8Array, number, RegExp][] = [
    ['1\n2\n{', 3, /line 3: expected a JSON object/],
    ['1\n{"a":}\n3\n', 2, /line 2: expected a JSON object/],
    [Buffer.from([49, 10, 0xff, 10, 50, 10]), 2, /line 2: expected UTF-8 text/],
    ['1\n{"n":9007199254740993}\n', 2, /line 2: the number 9007199254740993 would be read as 9007199254740992; write/],
    [`1\n"${'x'.repeat(400_000)}"`, 2, /line 2: it is longer than 307200 bytes/],
  ];
  for (const [text, line, message] of bad) {
    const told: unknown[] = [];
    const error = await t.throwsAsync(
      async () => {
        for await (const each of jsonLines(pieces(text, 1_000))) told.push(each.line);
      },
      { instanceOf: BadLineError, message },
    );
    t.is(error.line, line);
    t.deepEqual(
      told,
      Array.from({ length: line - 1 }, (_, at) => at + 1),
    );
  }
});
