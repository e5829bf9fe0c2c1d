import {
  CommandRefusedError,
  CommandTimeoutError,
  NoDroverError,
  NoLeaderError,
  TaskCancelledError,
  TaskFailedError,
  TaskNotFoundError,
  type Drover,
  type Task,
  type TaskId,
  type TaskInput,
  WorkerNotFoundError,
} from '@drover/client';
import { connectAtLast } from './connect-at-last.js';
import { drawSubmit, type Submit } from './draw-submit.js';
import { actOnBroadcasts, type BroadcastsSetup } from './broadcast-actions.js';
import { actOnFlows, type FlowsSetup } from './flow-actions.js';
import { actOnLimits, drawGuards, drawLater, isOfLimits, type LimitsSetup } from './limit-actions.js';
import { actOnPlacement, drawPlacement, type PlacementSetup } from './placement-actions.js';
import { actOnSchedules, type SchedulesSetup } from './schedule-actions.js';
import { actOnDefinitions, isOfDefinitions } from './definition-actions.js';
import { drawRush, drawStragglers, drawTies } from './draw-ties.js';
import { AS_BEFORE } from './set-back.js';
import type { Script } from './simulated-executor.js';
import type { Environment, Program } from './simulated-process.js';

/** A client's account of the answers that it got: it outlives the process. */
export interface Book {
  acknowledged(id: TaskId): void;
  ended(id: TaskId, ending: Ending): void;
}
export type Ending = { state: 'succeeded'; result: unknown } | { state: 'failed' | 'cancelled' | 'not found' };

export interface ClientSetup extends SchedulesSetup, LimitsSetup, FlowsSetup, BroadcastsSetup, PlacementSetup {
  sessionTimeoutMs: number;
  book: Book;
  /**
   * Submits by key whose outcome is unknown because the client died. The next client repeats them with the same key.
   */
  notebook: Map<string, Submit>;
  /** Ids that any client was told of. */
  known: TaskId[];
  workers: readonly string[];
  types: readonly string[];
  /** No new tasks any more. */
  isOver: () => boolean;
  /** A number for each submit, so that what comes of it can be counted. */
  nextSubmit: () => number;
  /** It does something so often, on average. */
  thinkMs: number;
}

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
      await this.#pause(this.#random() * 2 * this.#setup.thinkMs);
    }
  }

  /** Ask again after every `await`. */
  #goesOn(): boolean {
    return !this.#isStopping && !this.#setup.isOver();
  }

  #act(drover: Drover): void {
    if (this.#setup.schedules.length > 0 && this.#random() < 0.35)
      return this.#background(
        'schedules',
        actOnSchedules(drover, this.#setup, () => this.#random()),
      );
    if (this.#hasLimits && this.#random() < 0.2)
      return this.#background(
        'limits',
        actOnLimits(drover, this.#setup, () => this.#random()),
      );
    if (this.#setup.hasFlows && this.#random() < 0.4)
      return this.#background(
        'flows',
        actOnFlows(drover, this.#setup, () => this.#random()),
      );
    if (this.#setup.hasFlows && this.#random() < 0.15)
      return this.#background(
        'broadcasts',
        actOnBroadcasts(drover, this.#setup, () => this.#random()),
      );
    if (this.#setup.hasPlacement && this.#random() < 0.06)
      return this.#background(
        'placement',
        actOnPlacement(drover, this.#setup, () => this.#random()),
      );
    if (this.#setup.hasPlacement) {
      const chance = this.#setup.drawn();
      if (chance < 0.13) return this.#background('definitions', actOnDefinitions(drover, this.#setup));
      if (chance < 0.18) return this.#background('stragglers', this.#stragglers(drover));
      if (chance < 0.24) return this.#background('rush', this.#rush(drover));
    }
    const chance = this.#random();
    if (chance < 0.5) this.#submitSome(drover);
    else if (chance < 0.56) this.#background('submitMany', this.#submitMany(drover));
    else if (chance < 0.62) this.#background('run', this.#run(drover));
    else if (chance < 0.74) this.#ask(drover, 'cancel');
    else if (chance < 0.84) this.#ask(drover, 'retry');
    else if (chance < 0.88) this.#background('drain', this.#drain(drover));
    else if (chance < 0.91) this.#background('pause', this.#pauseQueue(drover));
    else this.#background('look', this.#look(drover));
  }

  get #hasLimits(): boolean {
    return this.#setup.limits.length > 0;
  }

  #submitSome(drover: Drover): void {
    const count = 1 + Math.floor(this.#random() ** 2 * 12);
    for (let i = 0; i < count; i++) {
      const submit = this.#draw();
      const key = this.#random() < 0.3 ? this.#drawKey() : null;
      // A key of many submits may be free again, and then its submit would be made twice.
      if (key?.startsWith('key-') === true) this.#setup.notebook.set(key, submit);
      this.#background('submit', this.#submit(drover, submit, key));
    }
  }

  /** Its own, or one that others use too: then their task may be meant, or one that failed and is to run again. */
  #drawKey(): string {
    return this.#random() < 0.7
      ? `key-${Math.floor(this.#random() * 1e9)}`
      : `shared-${Math.floor(this.#random() * 6)}`;
  }

  #draw(): Submit {
    const submit = this.#drawAlone();
    const after = this.#random() < 0.12 ? this.#drawOthers() : [];
    // Both say when it runs.
    if (after.length === 0 || submit.options.unique !== undefined) return submit;
    return {
      ...submit,
      options: { ...submit.options, after, afterMode: this.#random() < 0.5 ? 'succeeded' : 'ended' },
    };
  }

  #drawAlone(): Submit {
    const drawn = drawSubmit(() => this.#random(), this.#setup);
    const places = this.#setup.hasPlacement
      ? { ...drawPlacement(() => this.#random()), ...drawTies(this.#setup.drawn) }
      : {};
    const submit = { ...drawn, options: { ...drawn.options, ...places } };
    if (!this.#hasLimits) return submit;
    const guards = drawGuards(this.#setup, () => this.#random());
    const options = { ...submit.options, ...guards };
    if (!('attempts' in submit.payload)) return { ...submit, options };
    const { attempts } = submit.payload as Script;
    const later = drawLater(this.#setup, () => this.#random());
    return { ...submit, payload: { attempts: [...later, ...attempts] }, options };
  }

  /** Tasks of any client that are there, or were not long ago. */
  #drawOthers(): TaskId[] {
    return this.#setup.known.slice(-30).filter(() => this.#random() < 0.1);
  }

  async #submit(drover: Drover, { type, payload, options }: Submit, key: string | null): Promise<void> {
    const { nextSubmit, notebook } = this.#setup;
    const numbered = { ...payload, submit: nextSubmit() };
    const task = await drover.submit(type, numbered, key === null ? options : { ...options, key, unique: undefined });
    this.#acknowledged(task.id);
    if (key !== null) notebook.delete(key);
    if (this.#random() < 0.6) await this.#awaitEnd(task);
  }

  #acknowledged(id: TaskId): void {
    this.#setup.book.acknowledged(id);
    this.#setup.known.push(id);
  }

  /** A random number of inputs, mostly few. */
  *#inputs(): Generator<TaskInput> {
    const count = 1 + Math.floor(this.#random() ** 2 * 30);
    for (let i = 0; i < count && this.#goesOn(); i++) {
      const { type, payload, options } = this.#draw();
      yield { type, payload: { ...payload, submit: this.#setup.nextSubmit() }, ...options };
    }
  }

  async #submitMany(drover: Drover): Promise<void> {
    const isImpatient = this.#random() < 0.2;
    for await (const task of drover.submitMany(this.#inputs())) {
      this.#acknowledged(task.id);
      if (this.#random() < 0.2) this.#background('result', this.#awaitEnd(task));
      if (isImpatient && this.#random() < 0.3) break;
    }
  }

  async #stragglers(drover: Drover): Promise<void> {
    const { queues, drawn } = this.#setup;
    const queue = queues[Math.floor(drawn() * queues.length)] ?? 'default';
    await this.#submitAll(drover, drawStragglers(queue, drawn));
  }

  /** Tasks of a queue that goes first come when others run. */
  async #rush(drover: Drover): Promise<void> {
    const { queues, drawn } = this.#setup;
    const [long = 'default', urgent = 'default'] = drawn() < 0.5 ? queues : [...queues].reverse();
    const { first, then } = drawRush(long, urgent, drawn);
    await drover.configureQueue(urgent, { priority: 2 });
    await this.#submitAll(drover, first);
    await this.#pause(100 + drawn() * 300);
    if (this.#goesOn()) await this.#submitAll(drover, then);
  }

  async #submitAll(drover: Drover, inputs: readonly TaskInput[]): Promise<void> {
    const { nextSubmit } = this.#setup;
    const numbered = inputs.map((input) => ({
      ...input,
      payload: { ...(input.payload as Script), submit: nextSubmit() },
    }));
    for await (const task of drover.submitMany(numbered)) {
      this.#acknowledged(task.id);
      this.#background('result', this.#awaitEnd(task));
    }
  }

  async #run(drover: Drover): Promise<void> {
    const isImpatient = this.#random() < 0.2;
    try {
      for await (const task of drover.run(this.#inputs())) {
        this.#acknowledged(task.id);
        this.#setup.book.ended(task.id, task);
        if (isImpatient && this.#random() < 0.3) break;
      }
    } catch (error) {
      // ZooKeeper's clock may have jumped while this client stood still: then retention was earlier than it.
      if (!(error instanceof TaskNotFoundError)) throw error;
      this.#setup.book.ended(error.taskId, { state: 'not found' });
    }
  }

  async #awaitEnd(task: Task): Promise<void> {
    const { book } = this.#setup;
    try {
      book.ended(task.id, { state: 'succeeded', result: await task.result({ follow: false }) });
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
    await this.#pause(200 + this.#random() * 1_000);
    await drover.drain(worker, false);
  }

  async #pauseQueue(drover: Drover): Promise<void> {
    const queue = this.#anyOf(this.#setup.queues);
    const most = 1 + Math.floor(this.#random() * 4);
    const chance = this.#random();
    if (chance < 0.35) await drover.configureQueue(queue, { maxRunning: most });
    else if (chance < 0.65)
      await drover.configureQueue(queue, {
        maxRunningPerTenant: most,
        tenants: { acme: 3 },
        fairness: this.#random() < 0.5 ? 'time' : 'tasks',
        minShare: this.#random(),
      });
    else await drover.pauseQueue(queue);
    await this.#pause(200 + this.#random() * 1_000);
    await drover.configureQueue(queue, AS_BEFORE);
  }

  async #look(drover: Drover): Promise<void> {
    try {
      await drover.status();
      await drover.workers();
    } catch (error) {
      // Nobody has led yet.
      if (error instanceof NoDroverError) return;
      throw error;
    }
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
    // Nobody has led yet, or nobody leads now.
    const hasNoLeader = error instanceof NoDroverError || error instanceof NoLeaderError;
    const isUnanswered = hasNoLeader || error instanceof CommandTimeoutError;
    const isRefused = error instanceof CommandRefusedError;
    // A submit names a limit that is not there, or has no keys now.
    const isUndeclared = this.#hasLimits && isOfLimits(error);
    const isUndefined = this.#setup.hasPlacement && isOfDefinitions(error);
    return isUnanswered || isRefused || isUndeclared || isUndefined || error instanceof WorkerNotFoundError;
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
