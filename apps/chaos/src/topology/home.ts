import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import type { Direction, Home } from '../system.js';
import type { Clock } from './clock.js';

/** The network of one home: the part that differs between the kinds of topology. */
export interface Wiring {
  /** The connect string of the ensemble as seen from here. */
  readonly connectString: string;
  /** `host:port` at which a process of this home may listen. */
  readonly listen: string;
  /** Words before every command, which let it run in this home. */
  readonly prefix: readonly string[];
  /** `server`: one number, or all of them. */
  cut(direction: Direction, server: number | undefined): Promise<void>;
  heal(): Promise<void>;
  close(): Promise<void>;
}

/** Spawns processes in a wiring, and kills them when the home closes. */
export class WiredHome implements Home {
  readonly clock: Clock | undefined;
  readonly #wiring: Wiring;
  readonly #prefix: readonly string[];
  readonly #running = new Set<ChildProcess>();

  /** `endsWithUs`: words before every command, which let the kernel kill it when this process ends. */
  constructor(wiring: Wiring, clock: Clock | undefined, endsWithUs: readonly string[]) {
    this.#wiring = wiring;
    this.#prefix = [...endsWithUs, ...wiring.prefix];
    this.clock = clock;
  }

  get connectString(): string {
    return this.#wiring.connectString;
  }

  get listen(): string {
    return this.#wiring.listen;
  }

  spawn(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
    const [program = '', ...parameters] = [...this.#prefix, command, ...args];
    const env = { ...(options.env ?? process.env), ...this.clock?.env };
    const child = spawn(program, parameters, { ...options, env });
    this.#running.add(child);
    child.once('exit', () => this.#running.delete(child));
    child.once('error', () => this.#running.delete(child));
    return child;
  }

  cut(direction: Direction, server?: number): Promise<void> {
    return this.#wiring.cut(direction, server);
  }

  heal(): Promise<void> {
    return this.#wiring.heal();
  }

  async close(): Promise<void> {
    const gone = [...this.#running].map(
      (child) =>
        new Promise<void>((resolve) => {
          child.once('exit', () => resolve());
          child.kill('SIGKILL');
        }),
    );
    await Promise.all(gone);
    await this.#wiring.close();
    await this.clock?.close();
  }
}
