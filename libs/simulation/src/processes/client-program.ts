import {
  CommandRefusedError,
  CommandTimeoutError,
  connect,
  ConnectTimeoutError,
  InvalidArgumentError,
  NoLeaderError,
  TaskCancelledError,
  TaskFailedError,
  TaskNotFoundError,
  type Drover,
  type SubmitOptions,
  type Task,
  type TaskId,
} from '@drover/client';
import { CONNECT } from './programs.js';
import type { Script, Step } from './simulated-lane.js';
import type { Environment, Program } from './simulated-process.js';

/** What a client tells of what it was told: it outlives the process. */
export interface Book {
  acknowledged(id: TaskId): void;
  ended(id: TaskId, ending: Ending): void;
}
export type Ending = { state: 'succeeded'; result: unknown } | { state: 'failed' | 'cancelled' | 'not found' };

export interface ClientSetup {
  sessionTimeoutMs: number;
  book: Book;
  /** By key: submits whose fate a client that died did not learn. The next one makes them again, with the same key. */
  notebook: Map<string, Submit>;
  /** Ids that any client was told of. */
  known: TaskId[];
  workers: readonly string[];
  queues: readonly string[];
  /** No new tasks any more. */
  isOver: () => boolean;
}

export interface Submit {
  type: string;
  payload: unknown;
  options: SubmitOptions;
}

const COMMAND_TIMEOUT_MS = 4_000;

/** A client that does what clients do, at random: submits, waits, cancels, retries, drains, pauses, looks. */
export function clientProgram(environment: Environment, setup: ClientSetup): Program {
  const client = new ScriptedClient(environment, setup);
  void client.run().catch((error: unknown) => environment.failed(environment.name, error));
  return { stop: () => client.stop() };
}

class ScriptedClient {
  readonly #environment: Environment;
  readonly #setup: ClientSetup;
  #drover: Drover | null = null;
  #isStopping = false;

  constructor(environment: Environment, setup: ClientSetup) {
    this.#environment = environment;
    this.#setup = setup;
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#drover?.close();
  }

  async run(): Promise<void> {
    const drover = await connectAtLast(this.#environment, this.#setup.sessionTimeoutMs);
    this.#drover = drover;
    if (this.#isStopping) return drover.close();
    for (const [key, submit] of this.#setup.notebook) this.#background('submit', this.#submit(drover, submit, key));
    while (this.#goesOn()) {
      this.#act(drover);
      await this.#pause(20 + this.#random() * 700);
    }
  }

  /** Ask again after every `await`. */
  #goesOn(): boolean {
    return !this.#isStopping && !this.#setup.isOver();
  }

  #act(drover: Drover): void {
    const chance = this.#random();
    if (chance < 0.62) this.#submitSome(drover);
    else if (chance < 0.74) this.#ask(drover, 'cancel');
    else if (chance < 0.84) this.#ask(drover, 'retry');
    else if (chance < 0.88) this.#background('drain', this.#drain(drover));
    else if (chance < 0.91) this.#background('pause', this.#pauseQueue(drover));
    else this.#background('look', this.#look(drover));
  }

  #submitSome(drover: Drover): void {
    const count = 1 + Math.floor(this.#random() ** 2 * 12);
    for (let i = 0; i < count; i++) {
      const submit = drawSubmit(() => this.#random(), this.#setup.queues);
      const key = this.#random() < 0.3 ? `key-${Math.floor(this.#random() * 1e9)}` : null;
      if (key !== null) this.#setup.notebook.set(key, submit);
      this.#background('submit', this.#submit(drover, submit, key));
    }
  }

  async #submit(drover: Drover, { type, payload, options }: Submit, key: string | null): Promise<void> {
    const task = await drover.submit(type, payload, key === null ? options : { ...options, key });
    this.#setup.book.acknowledged(task.id);
    this.#setup.known.push(task.id);
    if (key !== null) this.#setup.notebook.delete(key);
    if (this.#random() < 0.6) await this.#awaitEnd(task);
  }

  async #awaitEnd(task: Task): Promise<void> {
    const { book } = this.#setup;
    try {
      book.ended(task.id, { state: 'succeeded', result: await task.result() });
    } catch (error) {
      if (error instanceof TaskFailedError) book.ended(task.id, { state: 'failed' });
      else if (error instanceof TaskCancelledError) book.ended(task.id, { state: 'cancelled' });
      else if (error instanceof TaskNotFoundError) book.ended(task.id, { state: 'not found' });
      else throw error;
    }
  }

  #ask(drover: Drover, what: 'cancel' | 'retry'): void {
    const { known } = this.#setup;
    const recent = known.slice(-20);
    const ids = recent.filter(() => this.#random() < 0.15);
    if (ids.length > 0) this.#background(what, drover[what](ids));
  }

  async #drain(drover: Drover): Promise<void> {
    const worker = this.#anyOf(this.#setup.workers);
    await drover.drain(worker);
    await this.#pause(500 + this.#random() * 3_000);
    await drover.drain(worker, false);
  }

  async #pauseQueue(drover: Drover): Promise<void> {
    const queue = this.#anyOf(this.#setup.queues);
    if (this.#random() < 0.5) await drover.configureQueue(queue, { maxRunning: 1 + Math.floor(this.#random() * 4) });
    else await drover.pauseQueue(queue);
    await this.#pause(500 + this.#random() * 3_000);
    await drover.configureQueue(queue, { paused: false, maxRunning: null });
  }

  async #look(drover: Drover): Promise<void> {
    await drover.status();
    await drover.workers();
    const { known } = this.#setup;
    const id = known[Math.floor(this.#random() * known.length)];
    if (id === undefined) return;
    try {
      await drover.get(id);
    } catch (error) {
      if (!(error instanceof TaskNotFoundError)) throw error;
    }
  }

  #background(what: string, done: Promise<unknown>): void {
    done.catch((error: unknown) => {
      if (!this.#isExpected(error)) this.#environment.failed(`'${what}' of ${this.#environment.name}`, error);
    });
  }

  #isExpected(error: unknown): boolean {
    if (this.#isStopping) return true;
    const isUnanswered = error instanceof NoLeaderError || error instanceof CommandTimeoutError;
    const isRefused = error instanceof CommandRefusedError;
    return isUnanswered || isRefused || (error instanceof InvalidArgumentError && error.argument === 'worker');
  }

  #anyOf(names: readonly string[]): string {
    return names[Math.floor(this.#random() * names.length)] ?? '';
  }

  #random(): number {
    return this.#environment.runtime.random();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#environment.runtime.after(ms, resolve));
  }
}

/** Goes on trying: there may be no ZooKeeper for a while. */
async function connectAtLast({ name, runtime, factory, log }: Environment, sessionTimeoutMs: number): Promise<Drover> {
  for (;;) {
    try {
      return await connect({
        ...{ zk: CONNECT, driver: factory, runtime, log, name, sessionTimeout: sessionTimeoutMs },
        ...{ connectTimeout: COMMAND_TIMEOUT_MS, commandTimeout: COMMAND_TIMEOUT_MS },
      });
    } catch (error) {
      if (!(error instanceof ConnectTimeoutError)) throw error;
    }
  }
}

function drawSubmit(random: () => number, queues: readonly string[]): Submit {
  const queue = queues[Math.floor(random() * queues.length)] ?? 'default';
  if (random() < 0.15) return { type: 'instant', payload: { some: 'payload' }, options: { queue } };
  const attempts = Array.from({ length: 1 + Math.floor(random() * 3) }, () => drawStep(random));
  const waits = attempts.some(({ does }) => does === 'hang' || does === 'ignore');
  const payload: Script = { attempts };
  const options: SubmitOptions = {
    queue,
    maxAttempts: 1 + Math.floor(random() * 4),
    retry: { kind: 'exponential', delayMs: 50 + random() * 300, maxDelayMs: 2_000, jitter: 0.2 },
    ...(waits || random() < 0.1 ? { timeout: 200 + Math.floor(random() * 1_500) } : {}),
    ...(random() < 0.15 ? { delay: Math.floor(random() * 3_000) } : {}),
  };
  return { type: 'scripted', payload, options };
}

function drawStep(random: () => number): Step {
  const chance = random();
  const ms = Math.floor(random() ** 3 * 3_000);
  if (chance < 0.72) return { does: 'succeed', ms };
  if (chance < 0.86) return { does: 'fail', ms };
  if (chance < 0.9) return { does: 'reject', ms };
  return { does: chance < 0.96 ? 'hang' : 'ignore', ms };
}

/** Sets back what other clients have asked of workers and queues. Resolves when all of it is done. */
export async function setBack(
  environment: Environment,
  setup: Pick<ClientSetup, 'sessionTimeoutMs' | 'workers' | 'queues'>,
): Promise<void> {
  const drover = await connectAtLast(environment, setup.sessionTimeoutMs);
  const asked = [
    ...setup.workers.map((worker) => () => drover.drain(worker, false)),
    ...setup.queues.map((queue) => () => drover.configureQueue(queue, { paused: false, maxRunning: null })),
  ];
  for (const ask of asked) await untilDone(ask, environment);
  await drover.close();
}

async function untilDone(ask: () => Promise<void>, { runtime }: Environment): Promise<void> {
  for (;;) {
    try {
      await ask();
      return;
    } catch (error) {
      const isPassing =
        error instanceof NoLeaderError ||
        error instanceof CommandTimeoutError ||
        error instanceof CommandRefusedError ||
        error instanceof InvalidArgumentError;
      if (!isPassing) throw error;
    }
    await new Promise<void>((resolve) => runtime.after(500, resolve));
  }
}
