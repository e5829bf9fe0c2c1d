import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A process of the benchmark's own. It says `ready` when it works, and ends when its parent does. */
export class Child {
  static readonly #running = new Set<Child>();
  readonly #process: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#process = child;
    Child.#running.add(this);
    child.once('exit', () => Child.#running.delete(this));
  }

  /** Kills all children that still run. */
  static async stopAll(): Promise<void> {
    await Promise.all([...Child.#running].map((child) => child.stop('SIGKILL')));
  }

  /** `script`: a compiled file of this package, relative to this one. Resolves when it is ready. */
  static async start(script: string, settings: unknown, nodeFlags: readonly string[] = []): Promise<Child> {
    const child = fork(fileURLToPath(new URL(script, import.meta.url)), [JSON.stringify(settings)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: [...nodeFlags],
    });
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`${script} ended with ${String(code)} before it was ready`);
    });
    await Promise.race([once(child, 'message'), ended]);
    ended.catch(() => undefined);
    return new Child(child);
  }

  get pid(): number {
    return this.#process.pid ?? -1;
  }

  /** Sends `question` and resolves with the next message that the child sends. */
  async ask<Answer>(question: string): Promise<Answer> {
    const answered = once(this.#process, 'message');
    this.#process.send(question);
    const [answer] = (await answered) as [Answer];
    return answer;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill(signal);
    await ended;
  }
}

/** Returns the settings of a child, in the child. From then on it ends with its parent, even if that is killed. */
export function childSettings<Settings>(): Settings {
  process.once('disconnect', () => process.exit(0));
  return JSON.parse(process.argv[2] ?? '{}') as Settings;
}
export function childReady(): void {
  process.send?.('ready');
}
