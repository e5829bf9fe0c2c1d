import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { messageOf } from '@drover/runtime';
import { PARTS, runBenchmark } from './benchmark.js';
import { resultTables } from './print.js';

const USAGE = `npm run bench -- [--quick] [--only PART]... [--json FILE]
  Drover beside the bare protocol and the queues that people know, on this machine.
  --quick   some minutes instead of an hour, for a first look and to see that every result is right
  --only    of ${PARTS.join(', ')}
  --json    write what was measured to FILE; 'npm run bench:page -- FILE' makes docs/benchmarks.md from it`;

function parse(): { quick: boolean; only: string[]; json: string | undefined } {
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
    return { quick: values.quick, only: values.only, json: values.json };
  } catch (error) {
    return end(2, `${messageOf(error)}\n${USAGE}`);
  }
}

function end(code: number, text: string): never {
  process.stderr.write(`${text}\n`);
  process.exit(code);
}

const { quick, only, json } = parse();
const program = fileURLToPath(import.meta.resolve('@drover/cli/bin'));
const results = await runBenchmark({ quick, only, program, say: (line) => process.stderr.write(`· ${line}\n`) });
if (json !== undefined) await writeFile(json, `${JSON.stringify(results, null, 2)}\n`);
process.stdout.write(`${resultTables(results)}\n`);
process.exit(0);
