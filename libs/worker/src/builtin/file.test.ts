import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRuntime } from '@drover/runtime';
import test, { type ExecutionContext } from 'ava';
import { fileChecksum, fileStat, TextCounts } from './file.js';

const UNHEARD = { print: () => undefined, printSkipped: () => undefined };

const context = {
  ...{
    task: 'T.0',
    attempt: 1,
    fencingToken: 1n,
    signal: new AbortController().signal,
    runtime: systemRuntime,
    alive: () => undefined,
    ...UNHEARD,
  },
};

async function fileOf(t: ExecutionContext, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-file-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const path = join(folder, 'a file.txt');
  await writeFile(path, text);
  return path;
}

test('checksum, bytes, lines and words of a file', async (t) => {
  const text = 'one two\n three\tfour  \n'.repeat(10_000);
  const path = await fileOf(t, text);
  const checksum = createHash('sha256').update(text).digest('hex');
  const counts = { bytes: text.length, lines: 20_000, words: 40_000 };
  t.deepEqual(await fileChecksum.run({ path }, context), { path, algorithm: 'sha256', checksum, ...counts });
  const md5 = createHash('md5').update(text).digest('hex');
  t.like(await fileChecksum.run({ path, algorithm: 'md5' }, context), { checksum: md5 });
});

test('words do not end where a chunk does', (t) => {
  const counts = new TextCounts();
  for (const chunk of ['on', 'e t', 'wo', ' ', '\n']) counts.add(Buffer.from(chunk));
  t.deepEqual([counts.bytes, counts.lines, counts.words], [9, 1, 2]);
});

test('stat', async (t) => {
  const path = await fileOf(t, 'abc');
  t.like(await fileStat.run({ path }, context), { path, bytes: 3, isFile: true, isDirectory: false });
});

test('a file that is not there may be there later, or elsewhere; a payload that is none never is one', async (t) => {
  for (const { run, type } of [fileChecksum, fileStat]) {
    await t.throwsAsync(run({ path: '/nowhere/at-all' }, context), { code: 'ENOENT' });
    for (const payload of [null, {}, { path: 7 }, { path: '/a', more: 1 }])
      await t.throwsAsync(run(payload, context), { name: 'RejectTaskError', message: new RegExp(`^${type}: payload`) });
  }
  await t.throwsAsync(fileChecksum.run({ path: '/a', algorithm: 'crc7' }, context), { name: 'RejectTaskError' });
});
