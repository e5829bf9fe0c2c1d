import type { Throughput } from './rules/rule.js';
import { acknowledgedAt, startsOf, type TaskHistory } from './task-history.js';

const BIN_MS = 100;

/** Counts of tasks, attempts and faults, over all histories. */
export class Tally implements Throughput {
  tasks = 0;
  acknowledged = 0;
  starts = 0;
  /** Starts beyond the first of their task. */
  reassignments = 0;
  /** Writes that the resource refused. */
  fencedWrites = 0;
  firstEndAt = Infinity;
  lastSubmitAt = -Infinity;
  /** The time of the first line of all histories. */
  beganAt = Infinity;
  readonly #ends = new Map<number, number>();

  add(task: TaskHistory): void {
    const starts = startsOf(task).length;
    this.tasks++;
    if (acknowledgedAt(task) !== undefined) this.acknowledged++;
    this.starts += starts;
    this.reassignments += Math.max(0, starts - 1);
    this.fencedWrites += task.writes.filter(({ accepted }) => !accepted).length;
    for (const { op, type, at } of task.operations)
      if (op === 'submit' && type === 'invoke') this.lastSubmitAt = Math.max(this.lastSubmitAt, at);
    for (const { type, at } of task.effects) if (type === 'end') this.#addEnd(at);
    for (const [first] of [task.operations, task.effects, task.writes])
      if (first !== undefined) this.beganAt = Math.min(this.beganAt, first.at);
  }

  endsIn(from: number, to: number): number {
    let count = 0;
    for (let bin = binOf(from); bin < binOf(to); bin++) count += this.#ends.get(bin) ?? 0;
    return count;
  }

  #addEnd(at: number): void {
    this.firstEndAt = Math.min(this.firstEndAt, at);
    const bin = binOf(at);
    this.#ends.set(bin, (this.#ends.get(bin) ?? 0) + 1);
  }
}

const binOf = (at: number): number => Math.floor(at / BIN_MS);
