import { within, type Runtime } from '@drover/runtime';
import type { BuiltIn, BuiltInContext } from '../built-in.js';
import { parsePayload } from '../payload.js';
import { OutputLines } from '../../logs/output-lines.js';
import { launch, type Launched } from './launch.js';
import { Pipes } from './pipes.js';
import { Reaper } from './reaper.js';
import { MESSAGE_CHARS, OUTPUT_BYTES, shellPayload } from './shell-payload.js';
import { Tail } from './tail.js';

/**
 * Runs a program: see `shellDocument`.
 *
 * The program leads a process group of its own, and the group is killed when the task is aborted (SIGTERM, then SIGKILL),
 * when the program ends before its children do, and when the worker's process ends, be it by SIGKILL (see `Reaper`). The
 * task ends with the program: what has left the group may hold its output open for as long as it likes.
 */
const KILL_AFTER_MS = 1_000;
/** How long what the program wrote last may take to arrive after its end, where somebody still holds its output. */
const DRAIN_MS = 200;

/** Thrown when the program did not end with 0. */
export class ShellError extends Error {
  override readonly name = 'ShellError';
}

export class Shell implements BuiltIn {
  readonly type = 'shell';
  readonly #groups = new Set<number>();
  readonly #pipes = new Pipes();
  readonly #reaper = new Reaper();
  readonly #onExit = (): void => this.#killAll();

  async run(payload: unknown, context: BuiltInContext): Promise<unknown> {
    const launched = await launch(parsePayload('shell', shellPayload, payload), context, this.#pipes);
    const tail = new Tail(OUTPUT_BYTES);
    const lines = new OutputLines(context.print, context.printSkipped);
    launched.output.on('data', (chunk: Buffer) => {
      tail.push(chunk);
      lines.push(chunk);
      context.alive();
    });
    launched.output.once('close', () => lines.end());
    return await this.#supervise(launched, tail, context);
  }

  close(): void {
    this.#killAll();
    this.#reaper.close();
    this.#pipes.close();
  }

  async #supervise({ pid, output, exited }: Launched, tail: Tail, context: BuiltInContext): Promise<unknown> {
    const { signal, runtime } = context;
    this.#add(pid);
    const abort = (): void => killSoftly(pid, runtime, () => this.#groups.has(pid));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort);
    try {
      const drained = new Promise<void>((resolve) => output.once('close', resolve));
      const [exitCode, exitSignal] = await exited;
      // Children that it left behind end with it.
      kill(pid, 'SIGKILL');
      await within(runtime, DRAIN_MS, drained);
      signal.throwIfAborted();
      return outcome(exitCode, exitSignal, tail);
    } finally {
      output.destroy();
      this.#remove(pid);
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
