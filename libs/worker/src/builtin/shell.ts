import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { RejectTaskError } from '@drover/core';
import type { Runtime } from '@drover/runtime';
import { z } from 'zod';
import type { BuiltIn, BuiltInContext } from './built-in.js';
import { parsePayload } from './payload.js';
import { Reaper } from './reaper.js';
import { Tail } from './tail.js';

/**
 * Runs a program. Payload: `{ argv: [program, ...arguments], cwd?, env?, input? }`; no shell stands between, say
 * `["sh", "-c", "..."]` where one is wanted. Result: `{ exitCode: 0, output }`, where output is the last 16 KiB of stdout
 * and stderr together. Any other end fails the task, with the end of the output in the message.
 *
 * The program leads a process group of its own, and the group is killed when the task is aborted (SIGTERM, then SIGKILL),
 * when the program ends before its children do, and when the worker's process ends, be it by SIGKILL (see `Reaper`):
 * nothing survives it.
 */
const OUTPUT_BYTES = 16 * 1024;
const MESSAGE_CHARS = 1_000;
const KILL_AFTER_MS = 1_000;

const schema = z.strictObject({
  argv: z.array(z.string()).min(1),
  cwd: z.string().optional(),
  env: z.record(z.string(), z.string()).optional(),
  /** Written to stdin. */
  input: z.string().optional(),
});
type ShellPayload = z.output<typeof schema>;

/** Thrown when the program did not end with 0. */
export class ShellError extends Error {
  override readonly name = 'ShellError';
}

export class Shell implements BuiltIn {
  readonly type = 'shell';
  readonly #groups = new Set<number>();
  readonly #reaper = new Reaper();
  readonly #onExit = (): void => this.#killAll();

  async run(payload: unknown, context: BuiltInContext): Promise<unknown> {
    const command = parsePayload('shell', schema, payload);
    const child = launch(command, context);
    const output = new Tail(OUTPUT_BYTES);
    child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => output.push(chunk));
    // A program that does not read its input closes the pipe: that is its own affair.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(command.input ?? '');
    return await this.#supervise(child, output, context);
  }

  close(): void {
    this.#killAll();
    this.#reaper.close();
  }

  async #supervise(child: ChildProcess, output: Tail, { signal, runtime }: BuiltInContext): Promise<unknown> {
    await started(child);
    const group = child.pid ?? 0;
    this.#add(group);
    const abort = (): void => killSoftly(group, runtime, () => this.#groups.has(group));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort);
    try {
      const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
      const closed = once(child, 'close');
      const [exitCode, exitSignal] = await exited;
      // Children that it left behind hold the output open: they end with it.
      kill(group, 'SIGKILL');
      await closed;
      signal.throwIfAborted();
      return outcome(exitCode, exitSignal, output);
    } finally {
      this.#remove(group);
    }
  }

  #add(group: number): void {
    if (this.#groups.size === 0) process.on('exit', this.#onExit);
    this.#groups.add(group);
    this.#reaper.add(group);
  }

  #remove(group: number): void {
    this.#groups.delete(group);
    this.#reaper.remove(group);
    if (this.#groups.size === 0) process.off('exit', this.#onExit);
  }

  #killAll(): void {
    for (const group of this.#groups) kill(group, 'SIGKILL');
  }
}

function launch({ argv, cwd, env }: ShellPayload, { task, attempt, fencingToken }: BuiltInContext): ChildProcess {
  const [program = '', ...args] = argv;
  return spawn(program, args, {
    cwd,
    detached: true,
    stdio: 'pipe',
    env: {
      ...inherited(),
      ...env,
      DROVER_TASK: task,
      DROVER_ATTEMPT: String(attempt),
      DROVER_FENCING_TOKEN: String(fencingToken),
    },
  });
}

/** The worker's environment without its own settings: there may be credentials among them. */
function inherited(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('DROVER_')));
}

/** Rejects where there is no such program or folder: it may be on another worker, so the task is retried. */
async function started(child: ChildProcess): Promise<void> {
  if (child.pid !== undefined) return;
  const [error] = (await once(child, 'error')) as [NodeJS.ErrnoException];
  if (error.code === 'ERR_INVALID_ARG_VALUE') throw new RejectTaskError(error.message, { cause: error });
  throw error;
}

function outcome(exitCode: number | null, signal: NodeJS.Signals | null, output: Tail): unknown {
  const text = output.text();
  if (exitCode === 0) return { exitCode, output: text, ...(output.truncated ? { outputBytes: output.bytes } : {}) };
  const how = signal === null ? `exit code ${exitCode}` : `killed by ${signal}`;
  const end = text.trimEnd().slice(-MESSAGE_CHARS);
  throw new ShellError(end === '' ? how : `${how}: ${end}`);
}

function killSoftly(group: number, runtime: Runtime, isAlive: () => boolean): void {
  kill(group, 'SIGTERM');
  runtime.after(KILL_AFTER_MS, () => {
    if (isAlive()) kill(group, 'SIGKILL');
  });
}

function kill(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // Nobody is left in the group.
  }
}
