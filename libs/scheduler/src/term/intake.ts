import { encodeRecord, ROOTS } from '@drover/protocol';
import type { Operation } from '@drover/zookeeper';
import { decideIntake, type IntakeLimits } from './intake.decide.js';
import type { TermContext } from './term-context.js';

/** Keeps `/intake`: submitters watch it. Written once a term, and when the system closes or opens. */
export class Intake {
  readonly #context: TermContext;
  readonly #limits: IntakeLimits;
  #open = true;
  /** What `/intake` says; null: not written in this term. */
  #told: boolean | null = null;
  #exists = true;
  #writing = false;

  constructor(context: TermContext, limits: IntakeLimits) {
    this.#context = context;
    this.#limits = limits;
  }

  /** The load may have changed. */
  touch(): void {
    const load = this.#context.planner.load();
    this.#open = decideIntake(this.#open, load, this.#limits);
    if (this.#open === this.#told || this.#writing) return;
    this.#writing = true;
    void this.#write(load).catch((error: unknown) => this.#context.broken(error));
  }

  async #write({ tasks, bytes }: { tasks: number; bytes: number }): Promise<void> {
    const open = this.#open;
    const data = encodeRecord('intake', { open, tasks, bytes, ...this.#limits });
    const path = ROOTS.intake;
    const operation: Operation = this.#exists ? { op: 'set', path, data } : { op: 'create', path, data };
    const answer = await this.#context.writer.attempt([operation]);
    this.#writing = false;
    if (answer === null || !this.#context.active()) return;
    if (answer.applied) {
      if (this.#told !== null || !open) this.#context.log.event('intake.changed', { open, tasks, bytes });
      this.#told = open;
    } else this.#exists = answer.code === 'NODE_EXISTS';
    this.touch();
  }
}
