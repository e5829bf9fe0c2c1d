import { readFile } from 'node:fs/promises';
import { textArg, type Environment } from '../command.js';
import { UsageError } from '../failure.js';
import { readExactly } from '../tasks/task-line.js';

/** Of `--input`; null: it was not given. Throws `UsageError`. */
export async function inputOf(args: Environment['args']): Promise<unknown> {
  const written = textArg(args, 'input');
  if (written === undefined) return null;
  const file = written.startsWith('@') ? written.slice(1) : null;
  const json =
    file === null ? written : await readFile(file, 'utf8').catch((error: unknown) => unreadable(file, error));
  const read = readExactly(json);
  if ('value' in read) return read.value;
  const hint = file === null && read.problem.startsWith('not JSON') ? `. Quote it for the shell: '{"n":1}'` : '';
  throw new UsageError(`--input: ${file === null ? '' : `${file}: `}${read.problem}${hint}`);
}

function unreadable(file: string, error: unknown): never {
  throw new UsageError(`--input: cannot read ${file}: ${(error as Error).message}`, { cause: error });
}
