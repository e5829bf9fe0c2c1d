import { closeSync, openSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { systemRuntime, toldElsewhere, within } from '@drover/runtime';
import type { Environment, Interruption } from './command.js';
import { EXIT } from './exit-codes.js';
import { describeFailure, exitCodeOf, InterruptedError } from './failure.js';
import { createColors } from './terminal/colors.js';
import { Output } from './terminal/output.js';
import { shapeOf } from './terminal/shape.js';
import { VERSION } from './version.js';

/** The parts of the process that a command line program uses. */
export interface ProcessLike {
  stdin: Readable & { isTTY?: boolean };
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  env: NodeJS.ProcessEnv;
  on(event: StopSignal, listener: (signal: NodeJS.Signals) => void): unknown;
  off(event: StopSignal, listener: (signal: NodeJS.Signals) => void): unknown;
  /** Ends the process at once; its `exit` listeners run. */
  exit(code: number): unknown;
}

type StopSignal = (typeof STOP_SIGNALS)[number];
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The longest time that the end waits for a reader of stderr that has stalled. */
const STDERR_MS = 2_000;

/**
 * Runs one command line. Never rejects: it writes all messages itself and resolves with the exit code. The caller must
 * end the process then, since a connection that is still being tried would keep it alive.
 */
export async function run(argv: readonly string[], host: ProcessLike): Promise<number> {
  const stdout = new Output(host.stdout, 'stdout', systemRuntime);
  const stderr = new Output(host.stderr, 'stderr', systemRuntime);
  const abort = new AbortController();
  const interruption: Interruption = { note: null, hangUp: null };
  const hadTerminal = hasTerminal();
  // The first signal asks for an orderly end; a second one ends the process.
  const interrupt = (signal: NodeJS.Signals) => {
    const { hangUp } = interruption;
    if (signal === 'SIGHUP' && hangUp !== null && !abort.signal.aborted && hasTerminal() === hadTerminal) hangUp();
    else if (abort.signal.aborted) host.exit(exitCodeOf(new InterruptedError(signal)));
    else abort.abort(new InterruptedError(signal));
  };
  for (const signal of STOP_SIGNALS) host.on(signal, interrupt);
  try {
    if (argv[0] === '--version') {
      await stdout.line(VERSION);
      await stdout.flush();
      return EXIT.DONE;
    }
    // `--version` does without the parser.
    const { parseCommandLine } = await import('./program.js');
    const parsed = await parseCommandLine(argv, stdout);
    if (parsed === null) return EXIT.DONE;
    const shape = shapeOf(parsed.args);
    if (shape !== null) stdout.shape(shape);
    const environment: Environment = {
      args: parsed.args,
      json: parsed.args.json === true || shape !== null,
      // Not opened by commands that do not read it.
      get stdin() {
        return host.stdin;
      },
      stdout,
      stderr,
      colors: createColors(stdout.isTerminal, host.env),
      env: host.env,
      signal: abort.signal,
      interruption,
      runtime: systemRuntime,
    };
    const code = await parsed.command.run(environment);
    await stdout.flush();
    // Notes for people: where nobody reads them, the work is done all the same.
    await within(systemRuntime, STDERR_MS, stderr.flush()).catch(toldElsewhere);
    return code;
  } catch (error) {
    return await reportFailure(error, { argv, stdout, stderr, env: host.env, interruption });
  } finally {
    for (const signal of STOP_SIGNALS) host.off(signal, interrupt);
  }
}

/** A terminal that was closed sends SIGHUP too: that is no wish to go on. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}

interface FailureContext {
  argv: readonly string[];
  stdout: Output;
  stderr: Output;
  env: NodeJS.ProcessEnv;
  interruption: Interruption;
}

async function reportFailure(
  error: unknown,
  { argv, stdout, stderr, env, interruption }: FailureContext,
): Promise<number> {
  const debug = argv.includes('--debug') || env.DROVER_DEBUG === 'true' || env.DROVER_DEBUG === '1';
  const note = error instanceof InterruptedError ? (interruption.note?.() ?? '') : '';
  const text = [describeFailure(error, { debug }), note].filter((part) => part !== '').join('; ');
  const { red } = createColors(stderr.isTerminal, env);
  // Output from before the failure must come first.
  await stdout.flush().catch(toldElsewhere);
  // If nobody reads stderr, the exit code reports it.
  await within(systemRuntime, STDERR_MS, writeLast(stderr, text === '' ? '' : `${red('drover:')} ${text}\n`)).catch(
    toldElsewhere,
  );
  return exitCodeOf(error);
}

async function writeLast(stderr: Output, text: string): Promise<void> {
  await stderr.flush();
  if (text !== '') await stderr.writeNow(text);
}
