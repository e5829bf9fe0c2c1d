import { parseArgs } from 'node:util';
import { PARTS } from './benchmark.js';
import { FORM_TEXT, formOf, type Form } from './effort.js';

export const USAGE = `npm run bench -- [--quick | --full] [--only PART]... [--json [FILE]]
  Drover beside the bare protocol and the queues that people know, on this machine.
  (neither) ${FORM_TEXT.default}
  --quick   ${FORM_TEXT.quick}
  --full    ${FORM_TEXT.full}
  --only    of ${PARTS.join(', ')}
  --json    write what was measured to FILE, after each figure; 'npm run bench:page -- FILE' makes docs/benchmarks.md.
            Without FILE: to stdout at the end, and the tables to stderr ('npm run --silent' adds nothing of its own)
Exit code: 0 when every part was measured, 1 when one failed, 2 for wrong options.`;

/** Stands for the file when `--json` is given without one. */
export const STDOUT = '-';

export interface CommandLine {
  form: Form;
  only: string[];
  /** A file, or `STDOUT`; absent: only tables are printed. */
  json: string | undefined;
}

/** Throws an error that says what is wrong. `null`: help was asked for. */
export function readCommandLine(args: readonly string[]): CommandLine | null {
  const options = {
    quick: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] as string[] },
    json: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  const { values } = parseArgs({ options, args: withJsonValue(args) });
  if (values.help === true) return null;
  const unknown = values.only.find((part) => !PARTS.includes(part));
  if (unknown !== undefined) throw new RangeError(`--only ${unknown}: no such part`);
  return { form: formOf(values), only: values.only, json: values.json };
}

/** `parseArgs` knows no option whose value may be left out. */
function withJsonValue(args: readonly string[]): string[] {
  return args.map((arg, at) => {
    const next = args[at + 1];
    return arg === '--json' && (next === undefined || next.startsWith('--')) ? `--json=${STDOUT}` : arg;
  });
}
