/**
 * Runs the ava tests of the project in the current folder. Prints what failed, whole, and one line at the end; in the
 * folder that DROVER_TEST_COUNTS names it leaves the counts for `tools/test.mjs`. Arguments are passed on to ava.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toolEnvironment } from './lib/run.mjs';
import { countsFileName, countTap, isComplete } from './lib/test-counts.mjs';

const AVA = fileURLToPath(new URL('lib/ava.mjs', import.meta.url));
/** The longest time from the last count to the end of ava: a longer one means that a test left something running. */
const EXIT_LIMIT_MS = 20_000;
/** A project that takes longer hangs, on a busy machine too; the whole of `npm test` has to end. */
const RUN_LIMIT_MS = 20 * 60_000;

const { name } = JSON.parse(readFileSync('package.json', 'utf8'));
const hasTests = ['src', 'test', 'tools', 'docker']
  .filter((folder) => existsSync(folder))
  .flatMap((folder) => readdirSync(folder, { recursive: true }))
  .some((path) => /\.test\.m?[jt]s$/.test(path));

const begunAt = Date.now();
const counts = hasTests ? await runAva() : { passed: 0, failed: 0 };
const countsFolder = process.env.DROVER_TEST_COUNTS;
if (countsFolder) writeFileSync(join(countsFolder, countsFileName(name)), JSON.stringify(counts));
const seconds = Math.round((Date.now() - begunAt) / 1000);
const summary = hasTests ? `${counts.passed} passed, ${counts.failed} failed (${seconds} s)` : 'has no tests';
console.log(`${counts.failed === 0 ? '✔' : '✘'} ${name}: ${summary}`);
process.exitCode = counts.failed === 0 ? 0 : 1;

function runAva() {
  return new Promise((resolve) => {
    const env = toolEnvironment();
    const program = [AVA, '--tap', ...process.argv.slice(2)];
    const ava = spawn(process.execPath, program, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const kill = (reason) => {
      console.log(`✘ ${name}: ${reason}`);
      ava.kill('SIGKILL');
      // A process that outlives ava may hold the pipe open for ever.
      ava.stdout.destroy();
    };
    const runLimit = setTimeout(() => kill(`not finished after ${RUN_LIMIT_MS / 60_000} minutes`), RUN_LIMIT_MS);
    let exitLimit;
    let tap = '';
    const show = failurePrinter();
    ava.stdout.setEncoding('utf8');
    ava.stdout.on('data', (text) => {
      tap += text;
      show(text);
      if (isComplete(tap)) {
        exitLimit ??= setTimeout(
          () => kill('finished, but does not exit: something that it started still runs'),
          EXIT_LIMIT_MS,
        );
      }
    });
    ava.once('error', (error) => console.error(`ava: ${error.message}`));
    ava.once('close', (code, signal) => {
      clearTimeout(runLimit);
      clearTimeout(exitLimit);
      resolve(countTap(tap, code ?? 128 + (constants.signals[signal] ?? 0)));
    });
  });
}

/** Prints, as it comes, everything of a TAP report that is not a passed test. */
function failurePrinter() {
  let rest = '';
  let inFailure = false;
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      if (/^(not )?ok |^1\.\.\d+$/.test(line)) inFailure = line.startsWith('not ok');
      if (inFailure) console.log(line.replace(/^not ok/, `✘ ${name}: not ok`));
    }
  };
}
