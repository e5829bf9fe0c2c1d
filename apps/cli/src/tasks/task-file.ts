import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { TaskInput } from '@drover/client';
import { LIMITS } from '@drover/core';
import { binaryKind, readLines, type Line, type LineFault } from '@drover/runtime';
import { UsageError } from '../failure.js';
import { counted } from '../views/format.js';
import { NamedLimits } from './check-limits.js';
import { parseTaskLine, type ParsedLine } from './task-line.js';

const CHUNK_BYTES = 256 * 1024;
const SHOWN_PROBLEMS = 10;
const FAULTS: Readonly<Record<LineFault, string>> = {
  'too long': `exceeds the maximum task size of ${LIMITS.payloadBytes / 1024} KiB`,
  'not UTF-8': 'not UTF-8 text',
};

/** The fault of one line. */
export interface LineProblem {
  line: number;
  problem: string;
}

/** A stream of tasks; `onProblem` gets the lines that are no tasks. */
export async function* parseTasks(
  chunks: AsyncIterable<Buffer | string>,
  options: { defaultType: string | undefined; onProblem: (problem: LineProblem) => void },
): AsyncGenerator<TaskInput> {
  for await (const lines of readLines(chunks)) {
    for (const line of lines) {
      const parsed = parse(line, options.defaultType);
      if ('task' in parsed) yield parsed.task;
      else options.onProblem({ line: line.number, problem: parsed.problem });
    }
  }
}

/** A file all of whose lines are tasks, as it was when that was seen. */
export interface CheckedFile {
  name: string;
  file: FileHandle;
  /** How many tasks there are. */
  total: number;
  stats: BigIntStats;
  limits: NamedLimits;
}

/**
 * Reads all of it and keeps nothing. Throws `UsageError` that names the bad lines, or that says that the file was
 * written to meanwhile.
 */
export async function checkTaskFile(
  file: FileHandle,
  name: string,
  defaultType: string | undefined,
  signal: AbortSignal,
): Promise<CheckedFile> {
  const stats = await file.stat({ bigint: true });
  let total = 0;
  let bad = 0;
  const problems: LineProblem[] = [];
  const limits = new NamedLimits();
  for await (const lines of readLines(textOnly(readFile(file, stats), name))) {
    signal.throwIfAborted();
    for (const line of lines) {
      const parsed = parse(line, defaultType);
      if ('task' in parsed) {
        total++;
        limits.add(parsed.task);
      } else if (bad++ < SHOWN_PROBLEMS) problems.push({ line: line.number, problem: parsed.problem });
    }
  }
  if (bad > 0) throw new UsageError(describeProblems(name, bad, problems));
  if (await hasChanged({ file, stats }))
    throw new UsageError(`${name} was changed while it was read; nothing submitted. Submit a file that is complete`);
  return { name, file, total, stats, limits };
}

/** Whether somebody wrote to the file since it was checked. */
export async function hasChanged({ file, stats }: Pick<CheckedFile, 'file' | 'stats'>): Promise<boolean> {
  const now = await file.stat({ bigint: true });
  return now.size !== stats.size || now.mtimeNs !== stats.mtimeNs;
}

/** Reads the file from its beginning up to the given size. It can be read again. */
export async function* readFile(file: FileHandle, { size }: Pick<BigIntStats, 'size'>): AsyncGenerator<Buffer> {
  // Not a stream: that would close the file when it is left early.
  for (let position = 0; position < size;) {
    const length = Math.min(CHUNK_BYTES, Number(size) - position);
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, position);
    // The file has become shorter: the caller notices it by the number of tasks.
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    position += bytesRead;
  }
}

/** The same bytes. Throws `UsageError` where the first of them are those of a file that holds something else. */
export async function* textOnly(chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  let isFirst = true;
  for await (const chunk of chunks) {
    const kind = isFirst ? binaryKind(chunk) : null;
    isFirst = false;
    if (kind !== null)
      throw new UsageError(`${name} is ${kind}, expected JSON lines in UTF-8${howToUnpack(kind, name)}`);
    yield chunk;
  }
}

function howToUnpack(kind: string, name: string): string {
  if (kind !== 'a gzip file') return '';
  return `: unpack it first, as in 'gunzip -c ${name === 'stdin' ? 'FILE' : name} | drover submit --from -'`;
}

export function showProblem({ line, problem }: LineProblem): string {
  return `line ${line}: ${problem}`;
}

function parse(line: Line, defaultType: string | undefined): ParsedLine {
  return line.text === null ? { problem: FAULTS[line.fault] } : parseTaskLine(line.text, defaultType);
}

function describeProblems(name: string, bad: number, problems: readonly LineProblem[]): string {
  const head = `${name}: ${counted(bad, 'invalid line')}; nothing submitted (--keep-going skips invalid lines)`;
  const more = bad > problems.length ? [`  and ${bad - problems.length} more`] : [];
  return [head, ...problems.map((problem) => `  ${showProblem(problem)}`), ...more].join('\n');
}
