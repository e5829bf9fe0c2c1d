import { Worker } from 'node:worker_threads';
import { inBackground, messageOf, systemRuntime, uncaught, type Timer } from '@drover/runtime';
import { HELP, readCommandLine, type CommandLine } from './command-line.js';
import type { Told } from './fuzz.thread.js';

/** A chunk takes a second or two. A thread that has said nothing for so long hangs in what it runs. */
const HANGS_AFTER_MS = 120_000;
/** Garbage of some hundred bytes needs no more. */
const MOST_MEMORY_MB = 1_024;
const PROGRESS_EVERY = 100_000;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

try {
  const wanted = readCommandLine(process.argv.slice(2), () => Math.floor(systemRuntime.random() * 2 ** 31));
  if (wanted === null) say(HELP);
  else process.exitCode = await fuzz(wanted);
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n${HELP}\n`);
  process.exitCode = 2;
}

/** Runs in a thread, which can be ended and reported if it hangs or takes all memory. Resolves with the exit code. */
async function fuzz(wanted: CommandLine): Promise<number> {
  say(`seed ${wanted.seed}`);
  const thread = new Worker(new URL('fuzz.thread.js', import.meta.url), {
    workerData: wanted,
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY_MB },
  });
  const begunMs = systemRuntime.monotonic();
  let now = { target: '', seed: wanted.seed };
  let ran = 0;
  const failures: string[] = [];
  let watchdog: Timer | undefined;
  const replay = (path: string | null): string =>
    `npm run fuzz -- --target '${now.target}' --seed ${now.seed}${path === null ? '' : ` --path ${path}`}`;
  const watch = (): void => {
    watchdog?.cancel();
    watchdog = systemRuntime.after(HANGS_AFTER_MS, () => {
      failures.push(`${now.target} hangs\n${replay(null)}`);
      inBackground(thread.terminate(), uncaught);
    });
  };
  watch();
  thread.on('message', (told: Told) => {
    watch();
    if (told.kind === 'begun') now = told;
    else if (told.kind === 'failed') failures.push(`${now.target}: ${told.report}\n${replay(told.path)}`);
    else {
      if (Math.floor(ran / PROGRESS_EVERY) < Math.floor((ran + told.runs) / PROGRESS_EVERY))
        say(`${ran + told.runs} runs, ${Math.round((systemRuntime.monotonic() - begunMs) / 1_000)} s`);
      ran += told.runs;
    }
  });
  thread.on('error', (error) => failures.push(`${now.target}: ${String(error)}\n${replay(null)}`));
  await new Promise((resolve) => thread.once('exit', resolve));
  watchdog?.cancel();
  if (failures.length === 0)
    say(`${ran} runs over ${wanted.targets.length} targets: nothing but values and errors meant for it`);
  for (const failure of failures) say(failure);
  return failures.length === 0 ? 0 : 1;
}
