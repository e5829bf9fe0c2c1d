import { rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { messageOf } from '@drover/runtime';
import { runBenchmark } from './benchmark.js';
import { readCommandLine, STDOUT, USAGE, type CommandLine } from './command-line.js';
import { EFFORTS } from './effort.js';
import { resultTables } from './print.js';
import type { Results } from './results.js';

function parse(): CommandLine {
  try {
    return readCommandLine(process.argv.slice(2)) ?? end(0, USAGE);
  } catch (error) {
    return end(2, `${messageOf(error)}\n${USAGE}`);
  }
}

function end(code: number, text: string): never {
  process.stderr.write(`${text}\n`);
  process.exit(code);
}

const { form, only, json } = parse();

/** Whole or not at all: a run that is killed leaves what it had. */
async function save(results: Results): Promise<void> {
  if (json === undefined || json === STDOUT) return;
  await writeFile(`${json}.part`, `${JSON.stringify(results, null, 2)}\n`);
  await rename(`${json}.part`, json);
}

const results = await runBenchmark({
  effort: EFFORTS[form],
  only,
  program: fileURLToPath(new URL('bin/drover.js', import.meta.resolve('drover/package.json'))),
  say: (line) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`),
  install: true,
  save,
});
process.exitCode = results.failed.length === 0 ? 0 : 1;
const tables = `${resultTables(results)}\n`;
const text = json === STDOUT ? `${JSON.stringify(results, null, 2)}\n` : tables;
if (json === STDOUT) process.stderr.write(tables);
// Not before all of it is through, also where stdout is a pipe.
process.stdout.write(text, () => process.exit());
