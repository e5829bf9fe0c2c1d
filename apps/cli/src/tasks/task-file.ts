import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { TaskInput } from '@drover/client';
import { readLines, type Line } from '@drover/runtime';
import { UsageError } from '../failure.js';
import { parseTaskLine, type ParsedLine } from './task-line.js';

const CHUNK_BYTES = 256 * 1024;
const SHOWN_PROBLEMS = 10;

/** What is wrong with one line. */
export interface LineProblem {
  line: number;
  problem: string;
}

/** A stream of tasks; what is no task goes to `onProblem`. */
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

/** Reads all of it and keeps nothing. Answers how many tasks there are. Throws `UsageError` that names the bad lines. */
export async function checkTaskFile(path: string, name: string, defaultType: string | undefined): Promise<number> {
  let count = 0;
  let bad = 0;
  const problems: LineProblem[] = [];
  for await (const lines of readLines(readFile(path))) {
    for (const line of lines) {
      const parsed = parse(line, defaultType);
      if ('task' in parsed) count++;
      else if (bad++ < SHOWN_PROBLEMS) problems.push({ line: line.number, problem: parsed.problem });
    }
  }
  if (bad > 0) throw new UsageError(describeProblems(name, bad, problems));
  return count;
}

export const readFile = (path: string): Readable => createReadStream(path, { highWaterMark: CHUNK_BYTES });

/** Throws `UsageError` where there is no such file. */
export async function requireFile(path: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found === null) throw new UsageError(`--from: there is no file ${path}`);
  if (found.isDirectory()) throw new UsageError(`--from: ${path} is a folder, expected a file of JSON lines`);
}

/** Copies a stream that can be read once to a file, gives it to `work`, and removes it whatever happens. */
export async function withSpooled<T>(
  stream: Readable,
  signal: AbortSignal,
  work: (path: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-submit-'));
  try {
    const path = join(folder, 'tasks.ndjson');
    await pipeline(stream, createWriteStream(path), { signal });
    return await work(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function showProblem({ line, problem }: LineProblem): string {
  return `line ${line}: ${problem}`;
}

function parse(line: Line, defaultType: string | undefined): ParsedLine {
  return line.text === null ? { problem: 'it is longer than any task may be' } : parseTaskLine(line.text, defaultType);
}

function describeProblems(name: string, bad: number, problems: readonly LineProblem[]): string {
  const head = `${name}: ${bad === 1 ? 'a line is' : `${bad} lines are`} no task, so nothing was submitted (--keep-going submits the others)`;
  const more = bad > problems.length ? [`  and ${bad - problems.length} more`] : [];
  return [head, ...problems.map((problem) => `  ${showProblem(problem)}`), ...more].join('\n');
}
