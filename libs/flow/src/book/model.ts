import type { BatchId, TaskOptions } from '@drover/core';
import type {
  DraftRecord,
  FireRecord,
  FlowHeader,
  NoteRecord,
  OfRecord,
  ReadRecord,
  RunEnd,
  StepReport,
} from '@drover/protocol';
import type { Plan } from '../plan.js';

/**
 * The facts that the leader tells the book of flows, and the decisions of the book. The book is pure: `now` and times are
 * milliseconds of the leader's clock. Everything that it is told is a fact that is in ZooKeeper; a decision becomes true
 * here when it is told that it was written, or by `commit`.
 */

/** One run: `<flow>.<index>`. */
export interface RunName {
  readonly flow: BatchId;
  readonly run: number;
}

export interface FlowFact {
  readonly id: BatchId;
  readonly header: FlowHeader;
  /** The transaction that created it: runs of a flow with `maxRuns` begin in this order. */
  readonly order: bigint;
  /** When it was created. */
  readonly submittedAt: number;
  /** In their order. */
  readonly notes: readonly NamedNote[];
}
export interface NamedNote {
  /** `e<epoch>-<n>`, the name of its znode; several notes may share one. */
  readonly name: string;
  readonly note: NoteRecord;
  /** The transaction that created it: of `closed` notes. */
  readonly order?: bigint;
}

/** A batch whose header has `of`. */
export interface StepBatchFact {
  readonly id: BatchId;
  readonly of: readonly OfRecord[];
}

/** A batch whose header has `draft`. */
export interface DraftFact {
  readonly id: BatchId;
  readonly draft: DraftRecord;
  /** Tasks. */
  readonly count: number;
  readonly createdAt: number;
  /** The transaction that created it: a group has those that were created before it was closed. */
  readonly order?: bigint;
}

/** How a task of a batch of steps, or of a draft, has ended. `again`: it is to run again. */
export type TaskEnded = 'succeeded' | 'failed' | 'cancelled' | 'gone' | 'again';

/** Told before the ends of the tasks of a report. `by`: the assignment. */
export interface ReportFact extends StepReport {
  readonly batch: BatchId;
  readonly by: string;
}

/** A batch of steps to be created. */
export interface NewStepBatch {
  readonly id: BatchId;
  readonly queue: string;
  /** Consecutive tasks with the same options. */
  readonly groups: readonly (TaskOptions & { count: number })[];
  readonly of: readonly OfRecord[];
}

/** To be done, in this order. */
export type Decision =
  /**
   * Create it, and tell the planner at once; nothing of it comes back by `steps`. It counts as started from now on;
   * `refused` takes it back.
   */
  | { readonly kind: 'start'; readonly batch: NewStepBatch }
  /**
   * Hand out this draft, from now on: also in the first turn of a term, for each that was handed out before it and has not
   * ended.
   */
  | { readonly kind: 'activate'; readonly batch: BatchId }
  /**
   * Tasks that name this limit (`concurrencyLimit`) are under it, by its keys: a map with `concurrency`. Null: no more.
   * Writers of drafts put the reference into the options of their tasks.
   */
  | { readonly kind: 'limit'; readonly name: string; readonly max: number | null }
  /** Remove this draft: it belongs to nothing. */
  | { readonly kind: 'discard'; readonly batch: BatchId }
  /** Cancel these tasks. `unlessBegun`: all go on if one of them is out, or was. */
  | {
      readonly kind: 'cancel';
      readonly tasks: readonly { batch: BatchId; index: number }[];
      readonly reason: string;
      readonly by?: string;
      readonly unlessBegun?: true;
    }
  /**
   * Create these notes as one znode below the flow: they count from now on. Nobody is told of an `ended` note before it is
   * durable.
   */
  | { readonly kind: 'note'; readonly flow: BatchId; readonly name: string; readonly notes: readonly NoteRecord[] }
  /** All its runs have ended: set `finished` in its header. After its notes. */
  | {
      readonly kind: 'finish';
      readonly flow: BatchId;
      readonly succeeded: number;
      readonly failed: number;
      readonly cancelled: number;
    }
  /** The flow's batches need not be kept for it any more, and it is to be removed with its notes; `plan`: that too. */
  | { readonly kind: 'remove'; readonly flow: BatchId; readonly unpin: readonly BatchId[] }
  /** Nobody has used this plan for ten minutes. */
  | { readonly kind: 'remove-plan'; readonly plan: string };

export type StepState = 'waiting' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'skipped';
export type RunState = 'waiting' | 'running' | RunEnd;

/** A run, for people. */
export interface RunView {
  readonly run: string;
  readonly flow: string;
  readonly queue: string;
  readonly plan: string;
  readonly state: RunState;
  readonly reason?: string;
  readonly steps: Readonly<Record<string, StepView>>;
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** Of the run's result, where it is a result of a step. */
  readonly output: readonly ReadRecord[];
}
export interface StepView {
  readonly kind: Plan['steps'][string]['kind'];
  readonly state: StepState;
  /** Items, of a map or reduce; else 1. `of` is null while nobody knows how many. */
  readonly done: number;
  readonly of: number | null;
  readonly failed: number;
  readonly reason?: string;
  /** Label or answer with which it ended. */
  readonly label?: string;
  readonly generation: number;
  /** Some of its tasks: the failed ones first. */
  readonly tasks: readonly string[];
  /** A waiting step waits for steps that have not ended, or for a time, a signal, its turn. */
  readonly waitsFor?: WaitsFor;
}
export type WaitsFor =
  | { readonly kind: 'steps'; readonly steps: readonly { step: string; done: number; of: number | null }[] }
  | { readonly kind: 'time'; readonly until: number }
  | { readonly kind: 'signal'; readonly answers: readonly string[]; readonly until: number | null }
  /** `maxRuns` of its flow are under way. */
  | { readonly kind: 'turn'; readonly ahead: number }
  /** It is a fire of this schedule, and an earlier one has not ended. */
  | { readonly kind: 'fire'; readonly schedule: string };

/** For how long runs that have ended are kept, and how many of them: counted by the tasks that they started. */
export interface FlowRetention {
  /** Flows all of whose runs succeeded or were cancelled: the newest with so many tasks. */
  readonly retainTasks: number;
  readonly retainMs: number;
  /** Flows with failed runs, by the tasks of all their runs. */
  readonly retainDeadTasks: number;
  readonly retainDeadMs: number;
  /** Nothing goes before: whoever started it may not have read the outcome. */
  readonly retainAtLeastMs: number;
}

/** The person who asked, and the reason: as a command has it. */
export interface Asker {
  readonly by?: string;
  readonly reason?: string;
}
export interface GivenSignal extends Asker {
  readonly answer?: string;
  readonly payload: unknown;
}

/** Why a command about a run is refused; `message` is for people. */
export interface Refusal {
  readonly ok: false;
  /**
   * `unknown-run`: no such flow or index. `ended`: the run has ended. `not-ended`: only a run that has ended is
   * retried. `unknown-step`: its plan has none of that name and kind. `unknown-answer`: none of those that the step
   * knows. `answered`: somebody gave another answer before. `nothing-failed`: nothing to retry. `invalid-plan`: the plan is missing or makes no sense. `not-read`: the leader
   * does not know everything yet.
   */
  readonly code:
    | 'unknown-run'
    | 'ended'
    | 'not-ended'
    | 'unknown-step'
    | 'unknown-answer'
    | 'answered'
    | 'nothing-failed'
    | 'invalid-plan'
    | 'not-read';
  readonly message: string;
}
/** `repeated`: the same answer had been given before, and the first one counts. It is accepted when its note is durable. */
export type SignalAnswer = { readonly ok: true; readonly repeated: boolean } | Refusal;
/** `repeated`: it was cancelled before. */
export type CancelAnswer = { readonly ok: true; readonly repeated: boolean } | Refusal;
/** `steps`: that run again, or may. */
export type RetryAnswer =
  { readonly ok: true; readonly generation: number; readonly steps: readonly string[] } | Refusal;
/** `items`: what the group has in all. */
export type CloseAnswer = { readonly ok: true; readonly items: number; readonly repeated: boolean } | Refusal;

/** Shown of a run in lists. */
export interface RunSummary {
  readonly run: string;
  readonly flow: string;
  readonly queue: string;
  readonly state: RunState;
  readonly reason?: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
}
export interface RunFilter {
  /** Names of flows. Absent: all. */
  readonly flow?: string;
  /** Queues in which runs were started, or beginnings of their names: `images*`. Absent: all. */
  readonly queues?: readonly string[];
  readonly states?: readonly RunState[];
  /** At most 1,000. Default 100. */
  readonly limit?: number;
  /** Of the page before. */
  readonly cursor?: string;
}
/** The newest first. `cursor`: absent at the end; with one a page may have fewer runs than its limit, also none. */
export interface RunPage {
  readonly runs: readonly RunSummary[];
  readonly cursor?: string;
}
/** A group: a run that takes tasks while it is open. */
export interface GroupSummary extends RunSummary {
  readonly types: readonly string[];
  readonly open: boolean;
  /** Tasks that have ended, and those of them that failed. */
  readonly done: number;
  readonly failed: number;
  /** Null while nobody knows how many there will be. */
  readonly of: number | null;
}
export interface GroupView extends GroupSummary {
  /** The tasks that follow from how it ended. */
  readonly callbacks: Readonly<Record<string, StepView>>;
}
export interface GroupPage {
  readonly groups: readonly GroupSummary[];
  readonly cursor?: string;
}

/** Runs of the flows of a name. */
export type FlowCounts = Readonly<Record<RunState, number>>;

/** Some tasks of one step of a run. */
export interface StepTaskFilter {
  /** Absent: in whatever state. */
  readonly state?: 'unfinished' | 'succeeded' | 'failed' | 'cancelled';
  /** The item to begin with: `next` of the page before. Default 0. */
  readonly from?: number;
  readonly limit: number;
}
export interface StepTask {
  readonly id: string;
  /** The item, of a map or a reduce. */
  readonly index: number | null;
}
/** `next`: null at the end. A page may be empty and not the last one. */
export interface StepTaskPage {
  readonly tasks: readonly StepTask[];
  readonly next: number | null;
}

/** A run that is a fire of a schedule. */
export interface FiredRun {
  readonly flow: BatchId;
  readonly fire: FireRecord;
  readonly state: RunState;
  /** It waits for an earlier fire. */
  readonly waits: boolean;
  readonly endedAt: number | null;
}

/** A task as a step of a run. */
export interface TaskStepName extends RunName {
  readonly step: string;
  /** Of a map or a reduce; a reduce numbers its tasks level by level. */
  readonly item: number | null;
  readonly generation: number;
}
