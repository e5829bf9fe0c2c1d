import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Told } from '@drover/testing';
import type { Home } from '../src/system.js';

export interface Line {
  readonly event?: string;
  readonly time?: string;
  readonly sessionId?: string;
  readonly path?: string;
  /** `api`: told by the thread of the API. */
  readonly thread?: string;
  readonly url?: string;
}

/** A process in a home, and what it told on stderr, a line of JSON each. */
export class ToldProcess {
  readonly told = new Told<Line>();
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;

  constructor(home: Pick<Home, 'spawn'>, args: readonly string[], onLine: () => void = () => undefined) {
    this.#child = home.spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.#exited = once(this.#child, 'exit');
    if (this.#child.stderr === null) throw new Error('no stderr');
    createInterface({ input: this.#child.stderr }).on('line', (text) => {
      if (text.startsWith('{')) this.told.tell(JSON.parse(text) as Line);
      onLine();
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** The first line of that event after the first `skip` lines. */
  async next(event: string, skip = 0): Promise<Line> {
    return this.told.first((line) => line.event === event && this.told.all.indexOf(line) >= skip);
  }

  send(message: string): void {
    this.#child.send(message);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    this.#child.kill(signal);
    await this.#exited;
  }
}
