import Denque from 'denque';
import { DEATHS_TOGETHER_MS, MANY_DEATHS } from './settings.js';
import { PLACE, type BatchState } from './tasks.js';
import type { WorkerState } from './worker-state.js';

/** A worker that died with work in its hands, and what it had: one of these tasks may have killed it. */
export interface Death {
  readonly worker: string;
  readonly at: number;
  /** Many workers died at that time: it was not for a task. Only who has been lost before is a suspect then. */
  many: boolean;
  /** Tasks that it made suspects. */
  size: number;
  /** Of these, the ones that still are. */
  left: number;
  /** Suspects with one loss that wait to be handed out: hints, as in sub-queues. */
  readonly waiting: Denque<Suspect>;
}

export interface Suspect {
  readonly batch: BatchState;
  readonly index: number;
}

/** The losses from which on a suspect runs alone: the next one would end it, and must be its own fault. */
export const ALONE_AT = 2;

/** Of the suspects of one death so many run beside each other: as many groups as tasks in one, so finding the culprit is quick. */
export const groupOf = ({ size }: Death): number => Math.ceil(Math.sqrt(size));

/**
 * Which tasks are under suspicion to have killed their worker; see "Suspects" in the README. Nothing is in here, and
 * nobody asks, while no worker has died.
 */
export class Suspects {
  readonly #deaths = new Map<string, Death>();
  readonly #of = new Map<BatchState, Map<number, Death>>();
  /** With more than one loss: each runs alone. */
  readonly alone = new Denque<Suspect>();
  /** Workers that are given nothing but suspects. */
  readonly reserved = new Set<WorkerState>();
  #size = 0;

  /** Tasks under suspicion, waiting or out. */
  get size(): number {
    return this.#size;
  }

  deaths(): Iterable<Death> {
    return this.#deaths.values();
  }

  /** Told of a worker that died with work; those that died with others are told, as `many`. The same worker dies once. */
  died(worker: string, at: number, many = false): Death {
    const known = this.#deaths.get(worker);
    if (known !== undefined) return known;
    for (const death of this.#deaths.values())
      if (death.left === 0 && death.at + DEATHS_TOGETHER_MS < at) this.#deaths.delete(death.worker);
    const death = { worker, at, many, size: 0, left: 0, waiting: new Denque<Suspect>() };
    this.#deaths.set(worker, death);
    return death;
  }

  /** The deaths about `at`, if they are many: they were not for a task. */
  manyAt(at: number): Death[] {
    const together = [...this.#deaths.values()].filter((death) => Math.abs(at - death.at) <= DEATHS_TOGETHER_MS);
    return together.length >= MANY_DEATHS ? together : [];
  }

  of(batch: BatchState, index: number): Death | null {
    return this.#of.get(batch)?.get(index) ?? null;
  }

  /** The task was lost at this death, which may have been forgotten while its revocation was under way. */
  suspect(given: Death, batch: BatchState, index: number): void {
    this.clear(batch, index);
    const death = this.#deaths.get(given.worker) ?? given;
    this.#deaths.set(death.worker, death);
    const ofBatch = this.#of.get(batch) ?? new Map<number, Death>();
    this.#of.set(batch, ofBatch.set(index, death));
    death.size++;
    death.left++;
    this.#size++;
  }

  /** It waits to be handed out. Its place is `suspect`. */
  wait(death: Death, batch: BatchState, index: number): void {
    (batch.losses(index) >= ALONE_AT ? this.alone : death.waiting).push({ batch, index });
  }

  /** It has ended an attempt, well or badly, and its worker lives: it is no killer. Or it is over. */
  clear(batch: BatchState, index: number): void {
    const ofBatch = this.#of.get(batch);
    const death = ofBatch?.get(index);
    if (ofBatch === undefined || death === undefined) return;
    ofBatch.delete(index);
    if (ofBatch.size === 0) this.#of.delete(batch);
    death.left--;
    this.#size--;
  }

  /** Whether what a queue names still waits. */
  isWaiting({ batch, index }: Suspect): boolean {
    return !batch.removed && batch.place(index) === PLACE.suspect && this.of(batch, index) !== null;
  }

  /** The first of `queue` that still waits; those before it are dropped. */
  first(queue: Denque<Suspect>): Suspect | null {
    for (let entry = queue.peekFront(); entry !== undefined; entry = queue.peekFront()) {
      if (this.isWaiting(entry)) return entry;
      queue.shift();
    }
    return null;
  }
}
