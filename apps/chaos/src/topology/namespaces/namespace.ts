import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { runProgram } from '../run-program.js';

/**
 * A network namespace (and a mount namespace, if asked for) that has no name and no file: it exists while a process is
 * in it. The first such process, the holder, reads a pipe whose other end only this process has. So the kernel removes
 * the namespace and all in it when this process ends, even by SIGKILL.
 */
export class Namespace {
  readonly #holder: ChildProcess;
  readonly #enter: readonly string[];

  private constructor(holder: ChildProcess, enter: readonly string[]) {
    this.#holder = holder;
    this.#enter = enter;
  }

  /** Throws with the message of `unshare` if the system does not allow it. */
  static async create(parts: { mounts: boolean }): Promise<Namespace> {
    const kinds = parts.mounts ? ['--net', '--mount'] : ['--net'];
    const holder = spawn('unshare', [...kinds, '--', 'sh', '-c', 'echo ready; exec cat >&2'], {
      stdio: ['pipe', 'pipe', 'pipe'],
      // Ctrl-C in the terminal must reach this process only, which ends the processes in here before the holder.
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

  /** Words before a command, which let it run in here under the same pid. */
  get prefix(): readonly string[] {
    return this.#enter;
  }

  /** Runs a program in here to its end. Rejects, quoting it, unless it exits with 0. */
  run(command: readonly string[], input = ''): Promise<string> {
    return runProgram([...this.#enter, ...command], input);
  }

  /** Ends the holder. The caller must have ended all other processes in here, which would keep the namespace. */
  async remove(): Promise<void> {
    if (this.#holder.exitCode !== null || this.#holder.signalCode !== null) return;
    const ended = once(this.#holder, 'exit');
    this.#holder.kill('SIGKILL');
    await ended;
  }
}
