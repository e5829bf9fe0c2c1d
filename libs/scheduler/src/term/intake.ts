import { LIMITS } from '@drover/core';
import type { FullQueue } from '@drover/planner';
import { encodeRecord, ROOTS } from '@drover/protocol';
import { inBackground } from '@drover/runtime';
import { decideIntake, type IntakeLimits, type IntakeState } from './intake.decide.js';
import { ShownRecord } from './shown-record.js';
import type { TermContext } from './term-context.js';

const BLOCK_BYTES = 1_024;
/** A refused write is tried again after this long. */
const AGAIN_MS = 5_000;

/** When only single queues and tenants become full or take tasks again, the record is written so often at most. */
const QUEUES_EVERY_MS = 50;

/**
 * Keeps `/intake`, which clients watch. Written once a term, and as soon as the system closes or opens: before all other
 * writes, for every millisecond lets more in. It also names the queues and tenants that are full by the settings of
 * their queues; a change of these is written at once too, but no more than every 50 ms, for small bounds are met often.
 */
export class Intake {
  readonly #context: TermContext;
  readonly #limits: IntakeLimits & { maxNames: number };
  readonly #record: ShownRecord;
  #state: IntakeState = { open: true };
  /** The content of `/intake`; `null`: not written in this term. */
  #written: IntakeState | null = null;
  #writing = false;
  /** The planner's `fullVersion` in the content of `/intake`. */
  #fullWritten = -1;
  #queuesFrom = 0;
  #isWaiting = false;

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
    if (this.#writing) return;
    if (this.#written === null || codeOf(this.#written) !== codeOf(this.#state)) this.#write();
    else if (planner.fullVersion !== this.#fullWritten) this.#writeQueues();
  }

  #writeQueues(): void {
    const waitMs = this.#queuesFrom - this.#context.runtime.monotonic();
    if (waitMs <= 0) return this.#write();
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    inBackground(
      this.#context.later(waitMs).then((active) => {
        this.#isWaiting = false;
        if (active) this.touch();
      }),
      (error) => this.#context.broken(error),
    );
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
    const { planner, runtime } = this.#context;
    const version = planner.fullVersion;
    const full = viewFull(planner.full(LIMITS.fullNames));
    const record = encodeRecord('intake', { ...state, ...planner.load(), ...this.#limits, ...full });
    this.#queuesFrom = runtime.monotonic() + QUEUES_EVERY_MS;
    inBackground(this.#show(record, state, version), (error) => this.#context.broken(error));
  }

  async #show(record: string, state: IntakeState, version: number): Promise<void> {
    const shown = await this.#record.write(record);
    if (shown === null) return;
    if (shown !== 'refused') {
      this.#written = state;
      this.#fullWritten = version;
    }
    const active = shown !== 'refused' || (await this.#context.later(AGAIN_MS));
    this.#writing = false;
    if (active) this.touch();
  }
}

const codeOf = (state: IntakeState): string => (state.open ? 'open' : state.code);

/** No field where nothing is full. */
function viewFull({ shown, leftOut }: { shown: readonly FullQueue[]; leftOut: number }): object {
  const full = shown.map(({ queue, max, maxPerTenant, tenants }) => ({
    queue,
    ...(max === null ? {} : { max }),
    ...(maxPerTenant === null ? {} : { maxPerTenant, tenants }),
  }));
  return { ...(full.length > 0 && { full }), ...(leftOut > 0 && { fullLeftOut: leftOut }) };
}
