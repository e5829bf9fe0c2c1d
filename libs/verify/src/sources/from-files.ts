import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, readLines, type Line, type LineFault } from '@drover/runtime';
import type { Entry, HistoryName } from '../history.js';
import { HistoryError } from '../history-error.js';
import { parseEntry } from './parse-entry.js';
import type { Source } from './source.js';

const CHUNK_BYTES = 256 * 1024;
const FAULTS: Readonly<Record<LineFault, string>> = {
  'too long': 'longer than any entry may be',
  'not UTF-8': 'expected UTF-8 text',
};

/**
 * Files of JSON lines, or folders of nothing else, one after the other. The last line of each file may be half: its writer
 * was killed.
 */
export function fromFiles(paths: readonly string[]): Source {
  return {
    async *read<Name extends HistoryName>(name: Name, note: (text: string) => void): AsyncGenerator<Entry<Name>[]> {
      for (const path of paths) for (const file of await filesOf(path)) yield* readFile(file, name, note);
    },
  };
}

async function filesOf(path: string): Promise<string[]> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new HistoryError(`${path}: expected a file of JSON lines: ${messageOf(cause)}`, { cause });
  });
  return found.isDirectory() ? (await readdir(path)).sort().map((file) => join(path, file)) : [path];
}

async function* readFile<Name extends HistoryName>(
  path: string,
  name: Name,
  note: (text: string) => void,
): AsyncGenerator<Entry<Name>[]> {
  const tail = { isWhole: true };
  const chunks = watchTail(createReadStream(path, { highWaterMark: CHUNK_BYTES }), path, tail);
  let held: Line | undefined;
  // One line behind, for only of the last one it is known that it is the last.
  for await (const lines of readLines(chunks)) {
    const ready = held === undefined ? lines : [held, ...lines];
    held = ready.pop();
    if (ready.length > 0) yield ready.map((line) => parseLine(line, name, path));
  }
  if (held === undefined) return;
  if (!tail.isWhole && !isJson(held)) note(`${path} line ${held.number}: half a line at the end was left out`);
  else yield [parseLine(held, name, path)];
}

/** Notes whether the file ends with a line feed. Throws `HistoryError` where the file cannot be read. */
async function* watchTail(
  chunks: AsyncIterable<Buffer>,
  path: string,
  tail: { isWhole: boolean },
): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of chunks) {
      tail.isWhole = chunk.at(-1) === '\n'.charCodeAt(0);
      yield chunk;
    }
  } catch (cause) {
    throw new HistoryError(`${path}: expected a file of JSON lines: ${messageOf(cause)}`, { cause });
  }
}

function parseLine<Name extends HistoryName>(line: Line, name: Name, path: string): Entry<Name> {
  const where = `${path} line ${line.number}`;
  if (line.text === null) throw new HistoryError(`${where}: ${FAULTS[line.fault]}`);
  const { text } = line;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new HistoryError(`${where}: expected a JSON object, got ${JSON.stringify(text.slice(0, 60))}`, { cause });
  }
  return parseEntry(name, value, where);
}

function isJson({ text }: Line): boolean {
  try {
    JSON.parse(text ?? '');
    return true;
  } catch {
    return false;
  }
}
