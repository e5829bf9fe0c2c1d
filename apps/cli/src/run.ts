import type { Readable } from 'node:stream';
import { systemRuntime } from '@drover/runtime';
import type { Environment } from './command.js';
import { EXIT } from './exit-codes.js';
import { describeFailure, exitCodeOf, InterruptedError } from './failure.js';
import { parseCommandLine } from './program.js';
import { createColors } from './terminal/colors.js';
import { Output } from './terminal/output.js';

/** What a command line program has of its process. */
export interface ProcessLike {
  stdin: Readable & { isTTY?: boolean };
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  env: NodeJS.ProcessEnv;
  once(event: 'SIGINT' | 'SIGTERM', listener: (signal: NodeJS.Signals) => void): unknown;
  off(event: 'SIGINT' | 'SIGTERM', listener: (signal: NodeJS.Signals) => void): unknown;
}

/** Runs one command line. Never rejects: the answer is the exit code, and what there is to say was written. */
export async function run(argv: readonly string[], host: ProcessLike): Promise<number> {
  const stdout = new Output(host.stdout, systemRuntime);
  const stderr = new Output(host.stderr, systemRuntime);
  const abort = new AbortController();
  // The first signal asks; a second one finds Node's default again and ends the process.
  const interrupt = (signal: NodeJS.Signals) => {
    abort.abort(new InterruptedError(signal));
  };
  host.once('SIGINT', interrupt);
  host.once('SIGTERM', interrupt);
  try {
    const parsed = await parseCommandLine(argv, stdout);
    if (parsed === null) return EXIT.DONE;
    const environment: Environment = {
      args: parsed.args,
      json: parsed.args.json === true,
      stdin: host.stdin,
      stdout,
      stderr,
      colors: createColors(stdout.isTerminal, host.env),
      env: host.env,
      signal: abort.signal,
      runtime: systemRuntime,
    };
    const code = await parsed.command.run(environment);
    await stdout.flush();
    return code;
  } catch (error) {
    return await reportFailure(error, argv, stderr, host.env);
  } finally {
    host.off('SIGINT', interrupt);
    host.off('SIGTERM', interrupt);
  }
}

async function reportFailure(
  error: unknown,
  argv: readonly string[],
  stderr: Output,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const debug = argv.includes('--debug') || env.DROVER_DEBUG === 'true' || env.DROVER_DEBUG === '1';
  const text = describeFailure(error, { debug });
  const { red } = createColors(stderr.isTerminal, env);
  try {
    if (text !== '') await stderr.writeNow(`${red('drover:')} ${text}\n`);
  } catch {
    // Nobody reads stderr any more; the exit code says it.
  }
  return exitCodeOf(error);
}
