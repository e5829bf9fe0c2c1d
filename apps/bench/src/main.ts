import { rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { messageOf } from '@drover/runtime';
import { PARTS, runBenchmark } from './benchmark.js';
import { EFFORTS, FORM_TEXT, formOf, type Form } from './effort.js';
import { resultTables } from './print.js';
import type { Results } from './results.js';

const USAGE = `npm run bench -- [--quick | --full] [--only PART]... [--json FILE]
  Drover beside the bare protocol and the queues that people know, on this machine.
  (neither) ${FORM_TEXT.default}
  --quick   ${FORM_TEXT.quick}
  --full    ${FORM_TEXT.full}
  --only    of ${PARTS.join(', ')}
  --json    write what was measured to FILE, after each figure; 'npm run bench:page -- FILE' makes docs/benchmarks.md
Exit code: 0 when every part was measured, 1 when one failed, 2 for wrong options.`;

function parse(): { form: Form; only: string[]; json: string | undefined } {
  const options = {
    quick: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] as string[] },
    json: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    const { values } = parseArgs({ options });
    if (values.help === true) end(0, USAGE);
    const unknown = values.only.find((part) => !PARTS.includes(part));
    if (unknown !== undefined) end(2, `--only ${unknown}: no such part\n${USAGE}`);
    return { form: formOf(values), only: values.only, json: values.json };
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
  if (json === undefined) return;
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
process.stdout.write(`${resultTables(results)}\n`);
process.exit(results.failed.length === 0 ? 0 : 1);
