import { LIMITS } from '@drover/core';
import { inBackground, uncaught } from '@drover/runtime';
import type { ClientLimits } from '../options.js';
import { ClientClosedError, type IntakeClosedError } from '../errors.js';
import { Gather, type Entry, type GatherLimits } from './gather.js';
import type { Intake } from './intake.js';
import { allowanceOf, Pace } from './pace.js';
import { writeGather, type WriteContext } from './write-gather.js';

/** The tasks of one queue that wait to be written. */
interface Lane {
  queue: string;
  /** Full ones, oldest first. */
  full: Gather[];
  open: Gather;
  inFlight: number;
}

export interface SubmitterContext extends WriteContext {
  /** The submitter's name, as written into the batches. */
  client: string;
  limits: ClientLimits;
  intake: Intake;
}

/**
 * Gathers tasks into batches and writes them.
 *
 * A queue's open gather is written when nothing of that queue is in flight: at low load each task is a batch of its own
 * and goes out in the turn in which it was submitted. While a write is in flight the gather grows; one that is full is
 * written at once, several at a time, up to the window. So load itself makes the batches larger.
 */
export class Submitter {
  readonly #context: SubmitterContext;
  readonly #gatherLimits: GatherLimits;
  readonly #lanes = new Map<string, Lane>();
  readonly #idle: (() => void)[] = [];
  readonly #pace: Pace;
  #inFlight = 0;
  #scheduled = false;
  #closed = false;

  constructor(context: SubmitterContext) {
    this.#context = context;
    this.#pace = new Pace(context.runtime, () => this.#schedule());
    const { batchTasks, batchBytes } = context.limits;
    this.#gatherLimits = { tasks: batchTasks, bytes: batchBytes, keys: LIMITS.multiOperations - 1 };
  }

  add(queue: string, entry: Entry): void {
    if (this.#closed) return entry.failed(new ClientClosedError());
    const { refusal } = this.#context.intake;
    if (refusal !== null) return entry.failed(refusal);
    const lane = this.#laneOf(queue);
    if (!lane.open.hasRoomFor(entry)) {
      lane.full.push(lane.open);
      lane.open = new Gather(this.#gatherLimits);
    }
    lane.open.add(entry);
    this.#schedule();
  }

  /** Accepts no more tasks; resolves when nothing is left to write. */
  async finish(): Promise<void> {
    this.#closed = true;
    if (this.#lanes.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #laneOf(queue: string): Lane {
    let lane = this.#lanes.get(queue);
    if (lane === undefined) {
      lane = { queue, full: [], open: new Gather(this.#gatherLimits), inFlight: 0 };
      this.#lanes.set(queue, lane);
    }
    return lane;
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
    for (const lane of [...this.#lanes.values()]) {
      const entries = [...lane.full, lane.open].flatMap((gather) => [...gather.everyone()]);
      lane.full = [];
      lane.open = new Gather(this.#gatherLimits);
      this.#forgetIfEmpty(lane);
      for (const entry of entries) entry.failed(refusal);
    }
  }

  /** Queues take turns, so that a bulk load of one does not hold up another. */
  #writeWhatMay(): void {
    const { refusal } = this.#context.intake;
    if (refusal !== null) return this.#refuseAll(refusal);
    const { limits, intake } = this.#context;
    const allowance = allowanceOf(intake.limit, limits);
    let wrote = true;
    while (wrote) {
      wrote = false;
      for (const lane of this.#lanes.values()) {
        if (this.#inFlight >= limits.batchesInFlight || !this.#pace.mayGo(allowance)) return;
        const gather = this.#nextOf(lane);
        if (gather === null) continue;
        wrote = true;
        this.#pace.went(gather.entries.length, gather.bytes);
        inBackground(this.#write(lane, gather), uncaught);
      }
    }
  }

  #nextOf(lane: Lane): Gather | null {
    const full = lane.full.shift();
    if (full !== undefined) return full;
    if (lane.inFlight > 0 || lane.open.entries.length === 0) return null;
    const gather = lane.open;
    lane.open = new Gather(this.#gatherLimits);
    return gather;
  }

  async #write(lane: Lane, gather: Gather): Promise<void> {
    this.#inFlight++;
    lane.inFlight++;
    const { client, runtime } = this.#context;
    await writeGather(gather, { queue: lane.queue, client, at: runtime.now() }, this.#context);
    this.#inFlight--;
    lane.inFlight--;
    // Callers whose submit was acknowledged submit again in this turn.
    this.#schedule();
    this.#forgetIfEmpty(lane);
  }

  #forgetIfEmpty(lane: Lane): void {
    if (lane.inFlight > 0 || lane.full.length > 0 || lane.open.entries.length > 0) return;
    this.#lanes.delete(lane.queue);
    if (this.#lanes.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }
}
