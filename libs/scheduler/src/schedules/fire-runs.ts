import type { BatchId } from '@drover/core';
import type { RunState } from '@drover/flow';
import type { FireRecord, FireStarts } from '@drover/protocol';
import type { Fire, NewRun } from '@drover/schedules';
import type { Broadcasts } from '../broadcasts/broadcasts.js';
import type { Flows } from '../flows/flows.js';
import type { TermContext } from '../term/term-context.js';
import { makeBroadcast, makeFlow, type MadeBroadcast, type MadeFlow } from './run-operations.js';

/** The thing that a fire started, and how it stands. */
export interface FiredState {
  readonly starts: FireStarts;
  readonly id: BatchId;
  readonly fire: FireRecord;
  readonly state: RunState;
  /** It waits for an earlier fire. */
  readonly waits: boolean;
  readonly endedAt: number | null;
}

type Started = Exclude<FireStarts, 'task'>;
/** It has ended, is gone, or begins again. */
export interface RunMoved {
  readonly id: BatchId;
  readonly starts: Started;
  readonly how: 'succeeded' | 'failed' | 'cancelled' | 'gone' | 'again';
}

export type MadeRun = MadeFlow | MadeBroadcast;

export interface FireRunsOptions {
  context: TermContext;
  flows: Flows;
  broadcasts: Broadcasts;
}

/**
 * The runs of flows and the broadcasts that are fires of schedules. Schedules create them in the transaction of the mark; from
 * then on they are as any other, but for one that waits: it begins when it is released.
 */
export class FireRuns {
  readonly #options: FireRunsOptions;

  constructor(options: FireRunsOptions) {
    this.#options = options;
  }

  /** Everything has been read, and it is known how each stands. */
  get isSettled(): boolean {
    return this.#options.flows.isSettled;
  }

  *fired(): Iterable<FiredState> {
    const { flows, broadcasts } = this.#options;
    for (const { flow: id, ...rest } of flows.book.fired()) yield { starts: 'flow', id, ...rest };
    for (const broadcast of broadcasts.fired()) yield { starts: 'broadcast', ...broadcast };
  }

  /** Which fire it is; `undefined`: it is not there. */
  fireOf({ id, starts }: Pick<RunMoved, 'id' | 'starts'>): FireRecord | undefined {
    const { flows, broadcasts } = this.#options;
    return starts === 'flow' ? flows.known.get(id)?.header.fire : broadcasts.book.get(id)?.record.fire;
  }

  /** In znodes. Throws where the plan of a flow is not there: its schedule stands still, so it does not come to this. */
  make(run: NewRun, at: number): MadeRun {
    const { context, flows } = this.#options;
    if (run.starts === 'broadcast') return makeBroadcast(run, at, context.leader);
    const plan = flows.book.planOf(run.run.plan);
    if (plan === null) throw new Error(`plan ${run.run.plan} of schedule ${run.fire.schedule} is not there`);
    return makeFlow(run, plan, at, context.leader);
  }

  /** Their transaction is under way. */
  creating(made: readonly MadeRun[]): void {
    for (const { id, starts } of made) if (starts === 'flow') this.#options.flows.creating(id);
  }

  /** It was refused. */
  forget(made: readonly MadeRun[]): void {
    for (const { id, starts } of made) if (starts === 'flow') this.#options.flows.forget(id);
  }

  /** It was applied. */
  created(made: readonly MadeRun[], { at, order }: { at: number; order: bigint }): void {
    const { flows, broadcasts } = this.#options;
    for (const each of made)
      if (each.starts === 'flow') flows.created(each.id, each.header, { order, submittedAt: at });
      else broadcasts.created(each.id, each.record, { order, submittedAt: at });
  }

  release({ starts, batch }: Fire): void {
    if (starts === 'flow') this.#options.flows.release(batch);
    else this.#options.broadcasts.release(batch);
  }

  cancel({ starts, batch }: Fire, asked: { reason: string; atOnce: boolean }): void {
    if (starts === 'flow') this.#options.flows.cancel(batch, asked);
    else this.#options.broadcasts.cancelFired(batch, asked);
  }

  takeMoved(): RunMoved[] {
    const { flows, broadcasts } = this.#options;
    return [
      ...flows.takeMoved().map((moved): RunMoved => ({ ...moved, starts: 'flow' })),
      ...broadcasts.takeMoved().map((moved): RunMoved => ({ ...moved, starts: 'broadcast' })),
    ];
  }
}
