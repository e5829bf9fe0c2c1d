import { setTimeout as delay } from 'node:timers/promises';
import { InvalidArgumentError, IntakeClosedError } from '@drover/client';
import { chooseWork, type Work } from '../tasks/choose.js';
import { monotonicMs } from '../time.js';
import { follow, tellFinished } from './follow.js';
import type { Call, ClientHistory } from './history.js';
import type { Submitted, Submitter } from './submitter.js';
import { isOrdered, submittedAs } from './submitted-as.js';
import type { Zxids } from './zxids.js';

export interface LoadOptions {
  client: string;
  /** On average, while the system keeps up. */
  tasksPerSecond: number;
  /** Submits no more while so many are not through. */
  maxUnfinished: number;
  /** Tasks that were named in earlier lives. */
  named: number;
  /** Of all kinds of work, or of some. */
  choose?: typeof chooseWork;
}

/** Submits in every way that the client library has, and follows each task to its end. */
export class Load {
  readonly #drover: Submitter;
  readonly #history: ClientHistory;
  readonly #zxids: Zxids;
  readonly #random: () => number;
  readonly #options: LoadOptions;
  #named: number;
  #unfinished = 0;

  constructor(drover: Submitter, history: ClientHistory, zxids: Zxids, random: () => number, options: LoadOptions) {
    this.#drover = drover;
    this.#history = history;
    this.#zxids = zxids;
    this.#random = random;
    this.#options = options;
    this.#named = options.named;
  }

  /** Until `signal`; resolves when every task that was submitted is through. */
  async run(signal: AbortSignal): Promise<void> {
    const under = new Set<Promise<void>>();
    while (!signal.aborted) {
      const count = this.#size();
      const deed = this.#deed(count).finally(() => {
        this.#unfinished -= count;
        under.delete(deed);
      });
      this.#unfinished += count;
      under.add(deed);
      await delay((count / this.#options.tasksPerSecond) * 1_000 * 2 * this.#random());
      while (this.#unfinished > this.#options.maxUnfinished) await Promise.race(under);
    }
    await Promise.all(under);
  }

  /** One task mostly; now and then many. */
  #size(): number {
    return this.#random() < 0.85 ? 1 : 2 + Math.floor(this.#random() * 30);
  }

  #deed(count: number): Promise<void> {
    const work = Array.from({ length: count }, () => this.#work());
    const [first] = work;
    if (count === 1 && first !== undefined) return this.#submitOne(first);
    return this.#random() < 0.5 ? this.#submitMany(work) : this.#run(work);
  }

  #work(): Work {
    const { choose = chooseWork } = this.#options;
    return choose(`${this.#options.client}/${this.#named++}`, this.#random);
  }

  async #submitOne(work: Work): Promise<void> {
    const { type, payload, ...options } = work.input;
    const call = this.#begin(work);
    try {
      const task = await this.#drover.submit(type, payload, options);
      await this.#durable(work, call, task);
    } catch (error) {
      refused(call, error);
    }
  }

  async #submitMany(works: readonly Work[]): Promise<void> {
    const calls: Call[] = [];
    const following: Promise<void>[] = [];
    try {
      for await (const task of this.#drover.submitMany(this.#inputs(works, calls))) {
        const [work, call] = [works[following.length], calls[following.length]];
        if (work !== undefined && call !== undefined) following.push(this.#durable(work, call, task));
      }
    } catch (error) {
      for (const call of calls.slice(following.length)) refused(call, error);
    }
    await Promise.all(following);
  }

  async #run(works: readonly Work[]): Promise<void> {
    const calls: Call[] = [];
    const open = new Set(works.keys());
    try {
      for await (const done of this.#drover.run(this.#inputs(works, calls))) {
        const [work, call] = [works[done.index], calls[done.index]];
        if (work === undefined || call === undefined) throw new Error(`run yielded index ${done.index}`);
        open.delete(done.index);
        if (done.deduplicated) call.fail(`deduplicated: ${done.id}`);
        else tellFinished(this.#history, work.input.payload.task, call, done);
      }
    } catch (error) {
      for (const index of open) calls[index]?.info(error);
    }
  }

  /** Begins the call of each as it is taken. */
  *#inputs(works: readonly Work[], calls: Call[]): Generator<Work['input']> {
    for (const work of works) {
      calls.push(this.#begin(work));
      yield work.input;
    }
  }

  #begin({ input }: Work): Call {
    return this.#history.begin('submit', input.payload.task, submittedAs(input));
  }

  async #durable(work: Work, call: Call, task: Submitted): Promise<void> {
    // Another task has the key: this one is not submitted, and must never run.
    if (task.deduplicated) {
      call.fail(`deduplicated: ${task.id}`);
      return;
    }
    const at = monotonicMs();
    const zxid = isOrdered(work.input) ? await this.#zxids.of(task.id) : undefined;
    call.ok({ at, id: task.id, ...(zxid === undefined ? {} : { zxid }) });
    await follow(this.#history, work, task);
  }
}

function refused(call: Call, error: unknown): void {
  if (error instanceof InvalidArgumentError || error instanceof IntakeClosedError) call.fail(error);
  else call.info(error);
}
