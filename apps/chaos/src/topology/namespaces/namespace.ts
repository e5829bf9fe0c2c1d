import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { runProgram } from '../run-program.js';

/**
 * A network namespace (and a mount namespace, where asked for) that has no name and no file: it exists while a process
 * is in it. The first one, its holder, reads a pipe whose other end only we have, so the kernel removes the namespace
 * and all in it when we end, however that happens.
 */
export class Namespace {
  readonly #holder: ChildProcess;
  readonly #enter: readonly string[];

  private constructor(holder: ChildProcess, enter: readonly string[]) {
    this.#holder = holder;
    this.#enter = enter;
  }

  /** Throws what `unshare` says where the system does not allow it. */
  static async create(parts: { mounts: boolean }): Promise<Namespace> {
    const kinds = parts.mounts ? ['--net', '--mount'] : ['--net'];
    const holder = spawn('unshare', [...kinds, '--', 'sh', '-c', 'echo ready; exec cat >&2'], {
      stdio: ['pipe', 'pipe', 'pipe'],
      // Ctrl-C in the terminal is for us: what runs in here is ended first.
      detached: true,
    });
    const said: Buffer[] = [];
    holder.stderr.on('data', (chunk: Buffer) => said.push(chunk));
    const ended = once(holder, 'close').then(() => {
      throw new Error(`no network namespace here: ${Buffer.concat(said).toString('utf8').trim()}`);
    });
    await Promise.race([once(holder.stdout, 'data'), ended]);
    ended.catch(() => undefined);
    return new Namespace(holder, ['nsenter', `--target=${holder.pid}`, ...kinds, '--']);
  }

  get pid(): number {
    return this.#holder.pid ?? -1;
  }

  /** What comes before a command so that it runs in here, under the same pid. */
  get prefix(): readonly string[] {
    return this.#enter;
  }

  /** Runs a program in here to its end. Rejects, quoting it, unless it exits with 0. */
  run(command: readonly string[], input = ''): Promise<string> {
    return runProgram([...this.#enter, ...command], input);
  }

  /** Processes that still run in here keep it; whoever started them ends them first. */
  async remove(): Promise<void> {
    if (this.#holder.exitCode !== null || this.#holder.signalCode !== null) return;
    const ended = once(this.#holder, 'exit');
    this.#holder.kill('SIGKILL');
    await ended;
  }
}
