import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** The counts of the shell: the words of the files and how often each is there, in the order of their bytes. */
const PIPELINE = `for file; do cat "$file"; echo; done | tr -s '[:space:]' '\\n' | LC_ALL=C sort | LC_ALL=C uniq -c`;

/** Compares a table with what the shell counts in the files. Throws with the first row that differs. */
export async function compareWithShell(files, table) {
  const shell = spawn('sh', ['-c', PIPELINE, 'sh', ...files], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(shell, 'close');
  const ours = rowsOf(table);
  let distinct = 0;
  for await (const line of createInterface({ input: shell.stdout.setEncoding('latin1'), crlfDelay: Infinity })) {
    const [, count, word] = /^ *(\d+) (.*)$/.exec(line);
    // White space at the beginning of a file leaves an empty line.
    if (word === '') continue;
    const { value = 'nothing' } = await ours.next();
    if (value !== `${word}\t${count}`)
      throw new Error(
        `row ${distinct + 1} differs: the shell counts '${word}' ${count} times, the table has '${value}'`,
      );
    distinct++;
  }
  const [code] = await ended;
  if (code !== 0) throw new Error(`the shell ended with ${code}`);
  const { value, done } = await ours.next();
  if (!done) throw new Error(`the table has '${value}', which the shell does not know`);
  return distinct;
}

/** `null`: there is no table, for there were no words. */
async function* rowsOf(table) {
  if (table === null) return;
  yield* createInterface({ input: createReadStream(table, 'latin1'), crlfDelay: Infinity });
}
