import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { countWords } from '../word-count/count.mjs';
import { folderSource } from '../word-count/sources/folder.mjs';
import { bytesOf, splitsOf } from '../word-count/splits.mjs';
import { mergeTables, writeTable } from '../word-count/tables.mjs';

async function folder(t) {
  const made = await mkdtemp(path.join(tmpdir(), 'drover-examples-'));
  t.teardown(() => rm(made, { recursive: true, force: true }));
  return made;
}

async function all(iterable) {
  const values = [];
  for await (const value of iterable) values.push(value);
  return values;
}

const inPieces = (text, bytes) => ({
  list: () => [{ name: 'a', bytes: text.length }],
  *read(_, from) {
    for (let at = from; at < text.length; at += bytes) yield Buffer.from(text.slice(at, at + bytes), 'latin1');
  },
});

test('each line belongs to one split, wherever the cuts and the chunks are', async (t) => {
  const texts = [
    '',
    '\n',
    'a',
    'a\n',
    '\n\n\n',
    'ab\ncd\n',
    'ab\n\ncd',
    'one line that is longer than all splits',
    'x\nyy\nzzz\n\nq',
  ];
  for (const text of texts)
    for (let splitBytes = 1; splitBytes <= text.length + 1; splitBytes++)
      for (let chunkBytes = 1; chunkBytes <= text.length + 1; chunkBytes++) {
        const source = inPieces(text, chunkBytes);
        const parts = [];
        for (const split of await all(splitsOf(source, splitBytes))) {
          const part = Buffer.concat(await all(bytesOf(source, split))).toString('latin1');
          if (part !== '') parts.push(part);
        }
        t.is(parts.join(''), text);
        const begins = parts.every((part, at) => at === 0 || parts[at - 1].endsWith('\n'));
        t.true(begins, JSON.stringify({ text, splitBytes, chunkBytes, parts }));
      }
});

test('a file that has shrunk since it was listed is an error, unless the split had its end before that', async (t) => {
  const listed = 'one\ntwo\nthree\n';
  const splits = await all(splitsOf(inPieces(listed, 4), 5));
  for (const length of [0, 3, 7, 9]) {
    const source = inPieces(listed.slice(0, length), 4);
    for (const split of splits)
      if (split.to > length)
        await t.throwsAsync(all(bytesOf(source, split)), { message: /^a ends at byte \d+, and had \d+ or more/ });
  }
});

test('words are counted over the ends of chunks, byte by byte', async (t) => {
  const text = Buffer.from('b a\u00e4\ta  b\r\nb', 'utf8');
  for (let bytes = 1; bytes <= text.length; bytes++) {
    const chunks = Array.from({ length: Math.ceil(text.length / bytes) }, (_, at) =>
      text.subarray(at * bytes, (at + 1) * bytes),
    );
    t.deepEqual(await countWords(chunks), [
      ['a', 1],
      ['a\u00c3\u00a4', 1],
      ['b', 3],
    ]);
  }
});

test('tables are merged as one table of everything', async (t) => {
  const out = await folder(t);
  const tables = [
    [
      ['a', 1],
      ['c', 2],
    ],
    [],
    [
      ['a', 5],
      ['b\tb', 1],
    ],
  ];
  const files = [];
  for (const [at, rows] of tables.entries())
    files.push((await writeTable(path.join(out, 'in', `${at}.tsv`), '1', rows)).file);
  const merged = await writeTable(path.join(out, 'merged.tsv'), '1', mergeTables(files));
  t.deepEqual(merged, { file: path.join(out, 'merged.tsv'), words: 9, distinct: 3 });
  t.is(await readFile(merged.file, 'latin1'), 'a\t6\nb\tb\t1\nc\t2\n');
});

test('a folder is listed with the folders in it', async (t) => {
  const data = await folder(t);
  await mkdir(path.join(data, 'inner'));
  await writeFile(path.join(data, 'a.txt'), 'one');
  await writeFile(path.join(data, 'inner', 'b.txt'), 'three');
  const source = folderSource(data);
  t.deepEqual(
    (await all(source.list())).sort((a, b) => a.bytes - b.bytes),
    [
      { name: 'a.txt', bytes: 3 },
      { name: path.join('inner', 'b.txt'), bytes: 5 },
    ],
  );
  t.is(Buffer.concat(await all(source.read('inner/b.txt', 2))).toString(), 'ree');
});
