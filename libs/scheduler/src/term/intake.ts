import { LIMITS } from '@drover/core';
import { encodeRecord, ROOTS } from '@drover/protocol';
import { inBackground } from '@drover/runtime';
import { decideIntake, type IntakeLimits, type IntakeState } from './intake.decide.js';
import { ShownRecord } from './shown-record.js';
import type { TermContext } from './term-context.js';

const BLOCK_BYTES = 1_024;
/** A refused write is tried again after this long. */
const AGAIN_MS = 5_000;

/**
 * Keeps `/intake`, which clients watch. Written once a term, and as soon as the system closes or opens: before all other
 * writes, for every millisecond lets more in.
 */
export class Intake {
  readonly #context: TermContext;
  readonly #limits: IntakeLimits & { maxNames: number };
  readonly #record: ShownRecord;
  #state: IntakeState = { open: true };
  /** The content of `/intake`; `null`: not written in this term. */
  #written: IntakeState | null = null;
  #writing = false;

  constructor(context: TermContext, limits: IntakeLimits) {
    this.#context = context;
    this.#limits = { ...limits, maxNames: limits.maxNames ?? LIMITS.names };
    this.#record = new ShownRecord({ context, path: ROOTS.intake, blockBytes: BLOCK_BYTES, urgent: true });
  }

  get state(): IntakeState {
    return this.#state;
  }

  /** The load may have changed. Cheap: called for every batch that the leader learns of. */
  touch(): void {
    const { planner, room } = this.#context;
    const load = planner.load();
    const before = this.#state;
    const after = decideIntake(before.open, room.full, load, this.#limits);
    if (codeOf(before) !== codeOf(after)) {
      this.#state = after;
      this.#log(load);
    }
    if (!this.#writing && (this.#written === null || codeOf(this.#written) !== codeOf(this.#state))) this.#write();
  }

  #log({ tasks, bytes, names }: { tasks: number; bytes: number; names: number }): void {
    const { log } = this.#context;
    const state = this.#state;
    if (state.open) log.event('intake.opened', { tasks, bytes, names });
    else log.event('intake.closed', { code: state.code, reason: state.reason, tasks, bytes, names });
  }

  #write(): void {
    this.#writing = true;
    const state = this.#state;
    const load = this.#context.planner.load();
    const record = encodeRecord('intake', { ...state, ...load, ...this.#limits });
    inBackground(this.#show(record, state), (error) => this.#context.broken(error));
  }

  async #show(record: string, state: IntakeState): Promise<void> {
    const shown = await this.#record.write(record);
    if (shown === null) return;
    if (shown !== 'refused') this.#written = state;
    const active = shown !== 'refused' || (await this.#context.later(AGAIN_MS));
    this.#writing = false;
    if (active) this.touch();
  }
}

const codeOf = (state: IntakeState): string => (state.open ? 'open' : state.code);
