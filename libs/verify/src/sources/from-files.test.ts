import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Effect } from '../history.js';
import { HistoryError } from '../history-error.js';
import { fromFiles } from './from-files.js';

const line = (at: number): string =>
  JSON.stringify({ at, type: 'start', task: 't', attempt: 1, token: '7', worker: 'w1', host: 'h' });

function files(t: ExecutionContext, ...texts: string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'drover-verify-test-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return texts.map((text, index) => {
    const path = join(folder, `${index + 1}.ndjson`);
    writeFileSync(path, text);
    return path;
  });
}

async function readAll(paths: readonly string[]): Promise<{ entries: Effect[]; notes: string[] }> {
  const [entries, notes]: [Effect[], string[]] = [[], []];
  for await (const some of fromFiles(paths).read('effects', (text) => notes.push(text))) entries.push(...some);
  return { entries, notes };
}

test('several files are read one after the other, blank lines are none, unknown fields stay', async (t) => {
  const { entries, notes } = await readAll(files(t, `${line(1)}\n\n${line(2)}\n`, '', line(3)));
  t.deepEqual(
    entries.map(({ at, host }) => [at, host]),
    [
      [1, 'h'],
      [2, 'h'],
      [3, 'h'],
    ],
  );
  t.deepEqual(notes, []);
});

test('of every file the last line may be half, and that is told', async (t) => {
  const [first = '', second = ''] = files(t, `${line(1)}\n${line(2).slice(0, 20)}`, `${line(3)}\n{"at"`);
  const { entries, notes } = await readAll([first, second]);
  t.deepEqual(
    entries.map(({ at }) => at),
    [1, 3],
  );
  t.deepEqual(notes, [
    `${first} line 2: half a line at the end was left out`,
    `${second} line 2: half a line at the end was left out`,
  ]);
});

const BAD: [text: string, says: RegExp][] = [
  [`${line(1)}\n{"at"\n`, /1\.ndjson line 2: expected a JSON object, got "\{\\"at\\""/],
  [`{"at"\n${line(1)}`, /1\.ndjson line 1: expected a JSON object/],
  ['{"at":1,"type":"begun"}\n', /line 1: type: Invalid option: expected one of "start"\|"end"\|"aborted"/],
  ['[]\n', /line 1: Invalid input: expected object, received array/],
  [line(1).replace('"7"', '"0x7"'), /line 1: token: expected a fencing token/],
  [line(1).replace('"t"', 'null'), /line 1: task: Invalid input: expected string, received null \(a line of effects\)/],
  [line(1).replace(',"worker":"w1"', ''), /line 1: worker: Invalid input: expected string, received undefined/],
  [`"${'x'.repeat(2 * 1024 * 1024)}"\n`, /line 1: longer than any entry may be/],
];
for (const [index, [text, says]] of BAD.entries()) {
  test(`a bad line is refused with its place and what was expected (${index})`, async (t) => {
    await t.throwsAsync(readAll(files(t, text)), { instanceOf: HistoryError, message: says });
  });
}

test('a folder stands for its files', async (t) => {
  const [first = ''] = files(t, `${line(1)}\n`, `${line(2)}\n`);
  const { entries } = await readAll([dirname(first)]);
  t.deepEqual(
    entries.map(({ at }) => at),
    [1, 2],
  );
});

test('a file that is not there is named', async (t) => {
  const [there = ''] = files(t, '');
  await t.throwsAsync(readAll([`${there}.no`]), {
    instanceOf: HistoryError,
    message: /1\.ndjson\.no: expected a file/,
  });
});
