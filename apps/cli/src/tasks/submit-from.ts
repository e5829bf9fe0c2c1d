import type { FileHandle } from 'node:fs/promises';
import type { SubmitOptions, TaskInput } from '@drover/client';
import { DroverError } from '@drover/core';
import { flagArg, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { counted } from '../views/format.js';
import { submitAll, type Wait } from './submit-all.js';
import {
  checkTaskFile,
  hasChanged,
  parseTasks,
  readFile,
  showProblem,
  textOnly,
  type CheckedFile,
  type LineProblem,
} from './task-file.js';
import { openTaskSource, spool } from './task-source.js';

const SHOWN_PROBLEMS = 20;

/** Thrown when the file changed while its tasks were submitted: they may differ from its content. */
class FileChangedError extends DroverError {
  override readonly name = 'FileChangedError';
}

export interface FromOptions {
  defaultType: string | undefined;
  defaults: SubmitOptions;
  wait: Wait;
}

/**
 * `drover submit --from`. By default the whole input is read and checked before any task is submitted; with
 * `--keep-going` each line is submitted as it comes, and a line that is no task is skipped.
 */
export async function submitFrom(environment: Environment, from: string, options: FromOptions): Promise<number> {
  const source = await openTaskSource(from, environment.stdin);
  const keepGoing = flagArg(environment.args, 'keepGoing');
  if (keepGoing && 'stream' in source) return submitGood(environment, source.stream, source.name, options);
  const file = 'file' in source ? source.file : await spool(source, environment.signal);
  try {
    return keepGoing
      ? await submitGood(environment, readFile(file, await file.stat({ bigint: true })), source.name, options)
      : await submitChecked(environment, file, source.name, options);
  } finally {
    await file.close();
  }
}

async function submitChecked(
  environment: Environment,
  file: FileHandle,
  name: string,
  { defaultType, defaults, wait }: FromOptions,
): Promise<number> {
  const checked = await checkTaskFile(file, name, defaultType, environment.signal);
  const { total, limits } = checked;
  limits.add(defaults);
  if (total === 0) environment.stderr.note(`drover: ${name} holds no tasks`);
  return submitAll(environment, { tasks: tasksOf(checked, defaultType), total, isList: true, defaults, limits }, wait);
}

/** Reads the file a second time. Throws `FileChangedError` if it differs from the file that was checked. */
async function* tasksOf(checked: CheckedFile, defaultType: string | undefined): AsyncGenerator<TaskInput> {
  const { file, stats, name, total } = checked;
  const changed = (): FileChangedError => new FileChangedError(`${name} was changed while its tasks were submitted`);
  if (await hasChanged(checked)) throw new UsageError(`${name} was changed after it was checked; nothing submitted`);
  const onProblem = (): never => {
    throw changed();
  };
  let count = 0;
  for await (const task of parseTasks(readFile(file, stats), { defaultType, onProblem })) {
    count++;
    yield task;
  }
  if (count !== total || (await hasChanged(checked))) throw changed();
}

async function submitGood(
  environment: Environment,
  chunks: AsyncIterable<Buffer>,
  name: string,
  { defaultType, defaults, wait }: FromOptions,
): Promise<number> {
  const { stderr } = environment;
  let bad = 0;
  const onProblem = (problem: LineProblem) => {
    if (bad++ < SHOWN_PROBLEMS) stderr.note(`skipped ${showProblem(problem)}`);
  };
  const tasks = parseTasks(textOnly(chunks, name), { defaultType, onProblem });
  const code = await submitAll(environment, { tasks, total: null, isList: true, defaults }, wait);
  if (bad === 0) return code;
  stderr.note(`skipped ${counted(bad, 'invalid line')}; the others were submitted`);
  return EXIT.USAGE;
}
