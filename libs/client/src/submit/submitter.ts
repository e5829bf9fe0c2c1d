import { featuresOf, LIMITS } from '@drover/core';
import { inBackground, uncaught } from '@drover/runtime';
import type { ClientLimits } from '../options.js';
import { ClientClosedError, type IntakeClosedError, type QueueFullError } from '../errors.js';
import type { ClientInterceptors } from '../intercept/interceptors.js';
import { BatchBuilder, type Entry, type BuilderLimits } from './batch-builder.js';
import type { DeclaredLimits } from '../limits/declared.js';
import type { FullQueues } from './full-queues.js';
import type { Intake } from './intake.js';
import { allowanceOf, Pace } from './pace.js';
import { submitBatch, type WriteContext } from './submit-batch.js';

/** The tasks of one queue that wait to be written, and need the same features. */
interface Batcher {
  readonly key: string;
  readonly queue: string;
  /** Full ones, oldest first. */
  full: BatchBuilder[];
  open: BatchBuilder;
  inFlight: number;
}

export interface SubmitterContext extends WriteContext {
  /** The submitter's name, as written into the batches. */
  client: string;
  limits: ClientLimits;
  intake: Intake;
  declared: DeclaredLimits;
}

/** A task whose limits are being read. */
interface Held {
  queue: string;
  entry: Entry;
}

/**
 * Builds batches of tasks and writes them.
 *
 * A queue's open batch is written when nothing of that queue is in flight: at low load each task is a batch of its own
 * and goes out in the turn in which it was submitted. While a write is in flight the open batch grows; one that is full is
 * written at once, several at a time, up to the window. So load itself makes the batches larger.
 *
 * A task that names limits which this client has not read yet waits until it has, and all that come after it wait behind
 * it: tasks are written in the order in which they were submitted, as far as they are of one queue.
 */
export class Submitter {
  readonly #context: SubmitterContext;
  readonly #builderLimits: BuilderLimits;
  readonly #batchers = new Map<string, Batcher>();
  #lastOptions: Entry['options'] | null = null;
  /** The features of `#lastOptions`, as text. */
  #lastNeeds = '';
  readonly #idle: (() => void)[] = [];
  readonly #pace: Pace;
  /** The full queues by which the waiting tasks were looked through. */
  #heeded: FullQueues | null = null;
  /** In order; those before `#heldHead` are out. */
  #held: Held[] = [];
  #heldHead = 0;
  #inFlight = 0;
  #scheduled = false;
  #closed = false;

  constructor(context: SubmitterContext) {
    this.#context = context;
    this.#pace = new Pace(context.runtime, () => this.#schedule());
    const { batchTasks, batchBytes } = context.limits;
    this.#builderLimits = { tasks: batchTasks, bytes: batchBytes, keys: LIMITS.multiOperations - 1 };
  }

  add(queue: string, entry: Entry): void {
    if (this.#closed) return entry.failed(new ClientClosedError());
    const { interceptors } = this.#context;
    if (interceptors !== null && !this.#intercept(interceptors, queue, entry)) return;
    const { limits } = entry.options;
    if (this.#held.length === 0 && (limits === null || this.#context.declared.admits(limits)))
      return this.#accept(queue, entry);
    this.#held.push({ queue, entry });
    if (this.#held.length === 1) inBackground(this.#releaseHeld(), uncaught);
  }

  /** False: an interceptor threw, and the submit has failed. */
  #intercept(interceptors: ClientInterceptors, queue: string, entry: Entry): boolean {
    try {
      interceptors.submitting(queue, entry);
      return true;
    } catch (error) {
      entry.failed(error);
      return false;
    }
  }

  async #releaseHeld(): Promise<void> {
    const { declared } = this.#context;
    for (let next = this.#held[0]; next !== undefined; next = this.#held[++this.#heldHead]) {
      const { queue, entry } = next;
      const { limits } = entry.options;
      let problem: unknown = null;
      try {
        if (limits !== null && !declared.admits(limits)) problem = await declared.problemOf(limits);
      } catch (error) {
        problem = error;
      }
      if (problem === null) this.#accept(queue, entry);
      else entry.failed(problem);
    }
    this.#held = [];
    this.#heldHead = 0;
    this.#resolveIfIdle();
  }

  #accept(queue: string, entry: Entry): void {
    const { refusal, full } = this.#context.intake;
    const refused = refusal ?? full?.refusal(queue, entry.options.tenant) ?? null;
    if (refused !== null) return this.#refuse(entry, refused);
    const batcher = this.#batcherOf(queue, entry);
    this.#put(batcher, entry);
    this.#schedule();
  }

  #refuse(entry: Entry, refusal: IntakeClosedError | QueueFullError): void {
    const reason = refusal.name === 'QueueFullError' ? 'queue-full' : 'intake-closed';
    this.#context.metrics.count('drover_refused_tasks_total', { reason });
    entry.failed(refusal);
  }

  #put(batcher: Batcher, entry: Entry): void {
    if (!batcher.open.hasRoomFor(entry)) {
      batcher.full.push(batcher.open);
      batcher.open = new BatchBuilder(this.#builderLimits);
    }
    batcher.open.add(entry);
  }

  /** Accepts no more tasks; resolves when nothing is left to write. */
  async finish(): Promise<void> {
    this.#closed = true;
    if (!this.#isIdle) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Tasks that a program of an earlier release may run share no batch with those that it may not. */
  #batcherOf(queue: string, { options }: Entry): Batcher {
    // Consecutive tasks mostly share their options.
    if (options !== this.#lastOptions) {
      this.#lastOptions = options;
      this.#lastNeeds = featuresOf(options).join(' ');
    }
    // No queue has a space in its name.
    const key = this.#lastNeeds === '' ? queue : `${queue} ${this.#lastNeeds}`;
    let batcher = this.#batchers.get(key);
    if (batcher === undefined) {
      batcher = { key, queue, full: [], open: new BatchBuilder(this.#builderLimits), inFlight: 0 };
      this.#batchers.set(key, batcher);
    }
    return batcher;
  }

  /** Once a turn: tasks of the same turn go out together. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#context.runtime.soon(() => {
      this.#scheduled = false;
      if (this.#context.intake.isKnown) this.#writeWhatMay();
      else
        inBackground(
          this.#context.intake.known().then(() => this.#schedule()),
          uncaught,
        );
    });
  }

  /** Waiting tasks are refused; batches in flight are not. */
  #refuseAll(refusal: IntakeClosedError): void {
    for (const batcher of [...this.#batchers.values()]) {
      const entries = [...batcher.full, batcher.open].flatMap((builder) => [...builder.everyone()]);
      batcher.full = [];
      batcher.open = new BatchBuilder(this.#builderLimits);
      this.#forgetIfEmpty(batcher);
      for (const entry of entries) this.#refuse(entry, refusal);
    }
  }

  /** Tasks that wait to be written are refused where their queue, or their tenant in it, has become full. */
  #refuseFull(full: FullQueues | null): void {
    this.#heeded = full;
    if (full === null) return;
    for (const batcher of [...this.#batchers.values()]) {
      if (!full.has(batcher.queue)) continue;
      const waiting = [...batcher.full, batcher.open].flatMap((builder) => [...builder.everyone()]);
      const judged = waiting.map((entry) => [entry, full.refusal(batcher.queue, entry.options.tenant)] as const);
      if (judged.every(([, refusal]) => refusal === null)) continue;
      batcher.full = [];
      batcher.open = new BatchBuilder(this.#builderLimits);
      for (const [entry, refusal] of judged) if (refusal === null) this.#put(batcher, entry);
      this.#forgetIfEmpty(batcher);
      for (const [entry, refusal] of judged) if (refusal !== null) this.#refuse(entry, refusal);
    }
  }

  /** Queues take turns, so that a bulk load of one does not hold up another. */
  #writeWhatMay(): void {
    const { refusal, full } = this.#context.intake;
    if (refusal !== null) return this.#refuseAll(refusal);
    if (full !== this.#heeded) this.#refuseFull(full);
    const { limits, intake } = this.#context;
    const allowance = allowanceOf(intake.limit, limits);
    let wrote = true;
    while (wrote) {
      wrote = false;
      for (const batcher of this.#batchers.values()) {
        if (this.#inFlight >= limits.batchesInFlight || !this.#pace.mayGo(allowance)) return;
        const builder = this.#nextOf(batcher);
        if (builder === null) continue;
        wrote = true;
        this.#pace.went(builder.entries.length, builder.bytes);
        inBackground(this.#write(batcher, builder), uncaught);
      }
    }
  }

  #nextOf(batcher: Batcher): BatchBuilder | null {
    const full = batcher.full.shift();
    if (full !== undefined) return full;
    if (batcher.inFlight > 0 || batcher.open.entries.length === 0) return null;
    const builder = batcher.open;
    batcher.open = new BatchBuilder(this.#builderLimits);
    return builder;
  }

  async #write(batcher: Batcher, builder: BatchBuilder): Promise<void> {
    this.#inFlight++;
    batcher.inFlight++;
    const { client, runtime } = this.#context;
    await submitBatch(builder, { queue: batcher.queue, client, at: runtime.now() }, this.#context);
    this.#inFlight--;
    batcher.inFlight--;
    // Callers whose submit was acknowledged submit again in this turn.
    this.#schedule();
    this.#forgetIfEmpty(batcher);
  }

  #forgetIfEmpty(batcher: Batcher): void {
    if (batcher.inFlight > 0 || batcher.full.length > 0 || batcher.open.entries.length > 0) return;
    this.#batchers.delete(batcher.key);
    this.#resolveIfIdle();
  }

  get #isIdle(): boolean {
    return this.#batchers.size === 0 && this.#held.length === 0;
  }

  #resolveIfIdle(): void {
    if (this.#isIdle) for (const resolve of this.#idle.splice(0)) resolve();
  }
}
