import type { EventFields, EventName, Log } from '@drover/observability';
import { seededRandom } from '@drover/runtime';
import type { ZooKeeperFactory } from '@drover/zookeeper';
import type { Clock } from '../clock/clock.js';
import { ProcessRuntime, type ClockFaults } from '../clock/process-runtime.js';
import { Network, type NetworkOptions } from '../network/network.js';
import type { Trace } from '../trace.js';

/** The environment of a program when its process starts. */
export interface Environment {
  readonly name: string;
  readonly runtime: ProcessRuntime;
  readonly factory: ZooKeeperFactory;
  readonly log: Log;
  /** Called with an error that nothing in the program handles. */
  readonly failed: (what: string, error: unknown) => void;
}

/** A running program. `stop` is orderly. */
export interface Program {
  stop(): Promise<void>;
}

export interface ProcessOptions {
  name: string;
  clock: Clock;
  network: Omit<NetworkOptions, 'arrive' | 'onCallerError'>;
  clocks: ClockFaults;
  seed: number;
  trace: Trace | undefined;
  failed: (what: string, error: unknown) => void;
  begin: (environment: Environment) => Program;
}

interface Life {
  runtime: ProcessRuntime;
  network: Network;
  program: Program;
}

/** A process of the simulation: it starts, is stopped, let go on, killed, and started anew with an empty memory. */
export class SimulatedProcess {
  readonly #options: ProcessOptions;
  readonly #networks: Network[] = [];
  #life: Life | null = null;
  #starts = 0;
  #leaving: Promise<void> | null = null;
  /** `start` was called while the process was still stopping. */
  #startsAgain = false;

  constructor(options: ProcessOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  get isRunning(): boolean {
    return this.#life !== null;
  }

  get isStopped(): boolean {
    return this.#life?.runtime.isStopped ?? false;
  }

  get runtime(): ProcessRuntime | null {
    return this.#life?.runtime ?? null;
  }

  get network(): Network | null {
    return this.#life?.network ?? null;
  }

  /** Whether the session belongs to any life of this process. */
  owns(sessionId: bigint): boolean {
    return this.#networks.some(({ sessionIds }) => sessionIds.includes(sessionId));
  }

  /** Id of the session that the process works with; 0n: there is none. */
  get sessionId(): bigint {
    return this.#life?.network.sessionId ?? 0n;
  }

  start(): void {
    this.#startsAgain = this.#leaving !== null;
    if (this.#life !== null) return;
    const { name, clock, clocks, seed, trace, failed, begin } = this.#options;
    const runtime = new ProcessRuntime(clock, seededRandom(seed + 7_919 * this.#starts++), clocks);
    // A process may be killed in the middle of an event: the rest of the event is not traced, and its errors do not
    // count.
    const alive: Trace | undefined =
      trace &&
      ((who, text) => {
        if (!runtime.isDead) trace(who, text);
      });
    const failedAlive = (what: string, error: unknown): void => {
      if (!runtime.isDead) failed(what, error);
    };
    const network = new Network({
      ...this.#options.network,
      arrive: (happen) => runtime.input(happen),
      onCallerError: (error) => failedAlive(`a listener of ${name}`, error),
    });
    const environment = { name, runtime, factory: network.factory, log: traceLog(name, alive), failed: failedAlive };
    trace?.(name, 'starts');
    this.#networks.push(network);
    this.#life = { runtime, network, program: begin(environment) };
  }

  /** `isSilent`: the machine dies too, so that the connections are never closed. */
  kill(isSilent: boolean): void {
    if (this.#life === null) return;
    const { runtime, network } = this.#life;
    this.#options.trace?.(this.name, isSilent ? 'dies with its machine' : 'is killed');
    this.#life = null;
    this.#leaving = null;
    runtime.kill();
    if (isSilent) network.block({ toServer: true, toClient: true });
    else network.close();
  }

  /**
   * Stops the program in order, then kills the process. Resolves when that is done; a second call waits for the first.
   */
  stop(): Promise<void> {
    const life = this.#life;
    if (life === null) return Promise.resolve();
    this.#startsAgain = false;
    this.#leaving ??= this.#leave(life);
    return this.#leaving;
  }

  async #leave(life: Life): Promise<void> {
    this.#options.trace?.(this.name, 'is asked to stop');
    await life.program.stop();
    if (this.#life === life) this.#left();
  }

  #left(): void {
    const startsAgain = this.#startsAgain;
    this.kill(false);
    if (startsAgain) this.start();
  }
}

function traceLog(name: string, trace: Trace | undefined): Log {
  const log: Log = {
    event: <Name extends EventName>(event: Name, fields: EventFields<Name>) => {
      trace?.(name, `${event} ${textOf(fields)}`);
    },
    with: () => log,
  };
  return log;
}

function textOf(fields: Record<string, unknown>): string {
  return JSON.stringify(fields, (_key, value: unknown) =>
    value instanceof Error ? (value.stack ?? value.message) : typeof value === 'bigint' ? String(value) : value,
  );
}
