import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { messageOf } from '@drover/runtime';
import { FAULTS } from './faults/index.js';
import { parseOptions, USAGE, UsageError, type ChaosOptions } from './options.js';
import { judge } from './report/judge.js';
import { reportText } from './report/print.js';
import { run } from './run/run.js';
import { prepare, type Setup } from './run/setup.js';

const KINDS = FAULTS.map(({ name }) => name);

process.exitCode = await main();

async function main(): Promise<number> {
  const options = read();
  if (typeof options === 'number') return options;
  const interruption = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => {
      interruption.abort(new Error(`interrupted by ${name}`));
    });
  try {
    return await carryOut(options, interruption.signal);
  } catch (error) {
    if (!interruption.signal.aborted && !(error instanceof UsageError)) throw error;
    process.stderr.write(`${messageOf(error)}\n`);
    return error instanceof UsageError ? 2 : 130;
  }
}

async function carryOut(options: ChaosOptions, signal: AbortSignal): Promise<number> {
  const folder = options.keep ?? (await mkdtemp(path.join(tmpdir(), 'drover-chaos-')));
  const setup = await prepare(options, folder);
  const command = commandOf(options);
  say(`${command}: everything is written to ${folder}`);
  const report = await judge(setup, command, await run(setup, signal, say));
  if (options.json !== null) await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(`${reportText(report)}\n`);
  return finish(setup, options, report.held, command);
}

async function finish({ paths }: Setup, { keep }: ChaosOptions, held: boolean, command: string): Promise<number> {
  if (held) {
    if (keep === null) await rm(paths.folder, { recursive: true, force: true, maxRetries: 5 });
    return 0;
  }
  process.stdout.write(`Histories and logs: ${paths.folder}\nAgain: ${command}\n`);
  return 1;
}

function read(): ChaosOptions | number {
  try {
    const options = parseOptions(process.argv.slice(2), Math.floor(Math.random() * 2 ** 32), KINDS);
    if (options !== null) return options;
    process.stdout.write(`${USAGE}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n${USAGE}\n`);
    return 2;
  }
}

/** The command that repeats the run. */
function commandOf({
  minutes,
  seed,
  faults,
  topology,
  sessionTimeoutMs,
  soak,
  viewers,
  scenario,
}: ChaosOptions): string {
  const what = scenario === null ? ['--minutes', String(minutes)] : ['--scenario', scenario];
  const flags = [...what, '--seed', String(seed), '--session-timeout', `${sessionTimeoutMs}ms`];
  if (faults !== null && !(soak && faults.length === 0)) flags.push('--faults', faults.join(',') || 'none');
  if (topology !== null) flags.push('--topology', topology);
  if (soak) flags.push('--soak');
  if (viewers) flags.push('--viewers');
  return `npm run chaos -- ${flags.join(' ')}`;
}

function say(line: string): void {
  process.stderr.write(`· ${new Date().toISOString().slice(11, 19)} ${line}\n`);
}
