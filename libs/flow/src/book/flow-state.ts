import type { BatchId } from '@drover/core';
import type { FlowHeader, NoteRecord, RunEnd } from '@drover/protocol';
import { HELD, WAITING } from './codes.js';
import type { Fan } from './fan.js';
import type { KnownBatch } from './known-batch.js';
import type { FlowFact, NamedNote } from './model.js';
import { Places } from './places.js';
import type { NameTally } from './tally.js';
import type { PlanIndex } from './plan-index.js';

/** Nothing starts in a run any more, but its steps of `finally`. A timed step that is not over `at` then is cancelled. */
export interface Halt {
  readonly cause: 'asked' | 'deadline' | 'policy';
  readonly at: number;
  /** When it was cancelled by force, with its steps of `finally`; null: it was not. */
  readonly forcedAt: number | null;
  readonly by?: string;
  readonly reason?: string;
}
/** These runs wait for the time of a step since then. */
export interface Wait {
  readonly runs: readonly (readonly [number, number])[];
  readonly generation: number;
  readonly at: number;
  /** It stands in the heap of times. */
  isAnnounced: boolean;
}
export interface GivenAnswer {
  readonly answer: string | null;
  /** The name of the note that has it. */
  readonly note: string;
  /** The person who gave it, as far as they said; and when, in milliseconds since 1970. */
  readonly by: string | null;
  readonly at: number;
}
export interface EndedRuns {
  readonly from: number;
  readonly to: number;
  readonly state: RunEnd;
  readonly reason: string | undefined;
  readonly at: number;
}

/** Notes that are written as one znode. */
export interface NoteGroup {
  readonly name: string;
  readonly notes: NoteRecord[];
  bytes: number;
}

/**
 * The runs of one znode: a byte for each step of each run, and what few of them have besides by keys, `run * steps + step`.
 * Everything else is there when it is needed first: most flows are waiting runs of a plan that is told once.
 */
export class FlowState {
  readonly id: BatchId;
  readonly header: FlowHeader;
  readonly order: bigint;
  readonly submittedAt: number;
  /** As they were found; empty once they are folded. */
  found: readonly NamedNote[];
  /** Null: it is not folded yet, since nobody has told its plan, or since not everything is read. */
  plan: PlanIndex | null = null;
  /** Why its plan cannot be run. */
  invalid: string | null = null;
  steps = new Uint8Array(0);
  /** Phases of runs. */
  readonly runs: Readonly<Uint8Array>;
  /** Steps of each run that are not over. */
  left = new Uint16Array(0);
  generations: Uint16Array | null = null;
  stepGenerations: Map<number, number> | null = null;
  /** By step: the place of each run's label among those of the step, from 1 on. */
  labels: Map<number, Uint16Array> | null = null;
  reasons: Map<number, string> | null = null;
  signals: Map<number, GivenAnswer> | null = null;
  timeouts: Set<number> | null = null;
  /** Of runs. */
  halts: Map<number, Halt> | null = null;
  /** By step. */
  waits: Map<number, Wait[]> | null = null;
  /** By step: the soonest instant that stands in the heap of times. */
  untils: Map<number, number> | null = null;
  /** By step: where the tasks of runs are. */
  places: Map<number, Places> | null = null;
  fans: Map<number, Fan> | null = null;
  /** Steps that end as another run ends. */
  becomes: Map<number, BatchId> | null = null;
  /** Batches that have tasks of its runs. */
  batches: Set<KnownBatch> | null = null;
  ends: EndedRuns[] = [];
  finishedAt: number | null = null;
  /** Tasks that its runs started. */
  tasks = 0;
  /** When runs were retried, the last time. */
  retriedAt: Map<number, number> | null = null;
  /** Its run is a fire of a schedule that waits until every earlier one has ended. */
  waitsForFire: boolean;
  isFolded = false;
  removed = false;

  /** Notes of the next turn, and runs that end with it. */
  notes: NoteGroup[] = [];
  ending: number[] = [];
  /** Runs by step and generation that begin to wait for a time with the next turn. */
  toWait: Map<string, { step: number; generation: number; runs: number[] }> | null = null;

  readonly #tally: NameTally;
  readonly #phases: Uint8Array;

  constructor({ id, header, order, submittedAt, notes }: FlowFact, tally: NameTally) {
    this.#tally = tally;
    this.id = id;
    this.header = header;
    this.order = order;
    this.submittedAt = submittedAt;
    this.found = notes;
    this.waitsForFire = header.fire?.wait !== undefined;
    this.#phases = new Uint8Array(header.count).fill(HELD);
    this.runs = this.#phases;
    tally.add(HELD, header.count);
  }

  /** The phase of a run is changed here alone: the runs of a name are counted. */
  setRun(run: number, phase: number): void {
    this.#tally.add(this.runs[run] ?? HELD, -1);
    this.#phases[run] = phase;
    this.#tally.add(phase, 1);
  }

  setRuns(from: number, to: number, phase: number): void {
    for (let run = from; run < Math.min(to, this.count); run++) this.setRun(run, phase);
  }

  /** It goes: its runs count no more. */
  uncount(): void {
    for (const phase of this.runs) this.#tally.add(phase, -1);
  }

  get count(): number {
    return this.header.count;
  }

  /** Its plan is known: from now on it has steps. */
  begin(plan: PlanIndex): void {
    this.plan = plan;
    this.steps = new Uint8Array(this.count * plan.steps.length).fill(WAITING);
    this.left = new Uint16Array(this.count).fill(plan.steps.length);
  }

  key(run: number, step: number): number {
    return run * (this.plan?.steps.length ?? 0) + step;
  }

  code(run: number, step: number): number {
    return this.steps[this.key(run, step)] ?? WAITING;
  }

  /** How often the run was retried. */
  generation(run: number): number {
    return this.generations?.[run] ?? 0;
  }

  /** The retry that started the step again, the last time; 0: none did. */
  generationOf(run: number, step: number): number {
    return this.stepGenerations?.get(this.key(run, step)) ?? 0;
  }

  placesOf(step: number): Places {
    this.places ??= new Map();
    let places = this.places.get(step);
    if (places === undefined) this.places.set(step, (places = new Places()));
    return places;
  }

  hold(batch: KnownBatch): void {
    this.batches ??= new Set();
    if (this.batches.has(batch)) return;
    this.batches.add(batch);
    batch.holders++;
  }

  label(run: number, step: number): string | null {
    const at = this.labels?.get(step)?.[run] ?? 0;
    const of = this.plan?.steps[step]?.step;
    const labels = of?.kind === 'task' ? of.labels : of?.kind === 'signal' ? of.answers : undefined;
    return at === 0 ? null : (labels?.[at - 1] ?? null);
  }

  /** A label that the step does not declare is none. */
  setLabel(run: number, step: number, label: string | null): void {
    const of = this.plan?.steps[step]?.step;
    const labels = (of?.kind === 'task' ? of.labels : of?.kind === 'signal' ? of.answers : undefined) ?? [];
    const at = label === null ? 0 : labels.indexOf(label) + 1;
    if (at === 0 && this.labels?.has(step) !== true) return;
    this.labels ??= new Map();
    let all = this.labels.get(step);
    if (all === undefined) this.labels.set(step, (all = new Uint16Array(this.count)));
    all[run] = at;
  }

  reason(run: number, step: number): string | undefined {
    return this.reasons?.get(this.key(run, step));
  }

  /** The last end of the run; null: it has not ended, or is retried. */
  endOf(run: number): EndedRuns | null {
    return this.ends.findLast(({ from, to }) => from <= run && run < to) ?? null;
  }

  waitOf(run: number, step: number): Wait | null {
    const generation = this.generationOf(run, step);
    const waits = this.waits?.get(step) ?? [];
    return (
      waits.findLast(
        (wait) => wait.generation === generation && wait.runs.some(([from, to]) => from <= run && run < to),
      ) ?? null
    );
  }
}
