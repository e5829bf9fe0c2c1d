import type { TaskOptions } from '@drover/core';

/**
 * A plan: what a flow does, as data. The builder makes it, `checkPlan` checks it, client and leader alike, and it stands at
 * `/plans/<hash>`. No code travels in it.
 */
export interface Plan {
  readonly v: 1;
  readonly name: string;
  /** By name, in the order in which they were declared. 1,000 at most. */
  readonly steps: Readonly<Record<string, Step>>;
  /** The result of a run. Absent: null. */
  readonly output?: Template;
  /** The consequence for a run when a step fails that may not. Default `continue`. */
  readonly onFailure?: FailurePolicy;
  /** Of a run, from its start; the start may say another. */
  readonly deadlineMs?: number;
  /** So many runs of this flow's name are under way at a time; the others wait, in the order of their starts. */
  readonly maxRuns?: number;
}

/**
 * `continue`: whatever does not depend on the failed step goes on. `stop`: nothing new starts, what runs ends. `cancel`: what
 * runs is cancelled too. Steps of `finally` run in any case.
 */
export const FAILURE_POLICIES = ['continue', 'stop', 'cancel'] as const;
export type FailurePolicy = (typeof FAILURE_POLICIES)[number];

interface Common {
  /** The edges that it waits for. Absent: it begins with the run. */
  readonly after?: After;
  /** When it fails, edges see it, and the run does not fail. */
  readonly mayFail?: true;
  /**
   * Neither a failure elsewhere nor a cancel keeps it from starting or ends it; only a cancel by force does. The builder gives
   * it `ended` edges, so that it begins when all others have ended.
   */
  readonly finally?: true;
}

/** A task. */
export interface TaskStep extends Common {
  readonly kind: 'task';
  readonly type: string;
  readonly input: Template;
  readonly options?: StepOptions;
  /** Labels with which it may end. */
  readonly labels?: readonly string[];
  /** The list that it gives is the items of this map. */
  readonly expand?: string;
}

/** A task for each item. */
export interface MapStep extends Common {
  readonly kind: 'map';
  readonly type: string;
  /**
   * `step`: what the handler of that step gives, as a list. `given`: whoever starts the run gives them, as `from` makes
   * them of the input, if it is there. `open`: tasks are added while the run is under way, until it is closed (a group).
   */
  readonly items:
    { readonly step: string } | { readonly given: true; readonly from?: Template } | { readonly open: true };
  readonly options?: StepOptions;
  /** It succeeds with up to so many failed items. Default none. */
  readonly tolerate?: Tolerance;
  /** So many items of a run are out at a time. */
  readonly concurrency?: number;
}
export type Tolerance = { readonly items: number } | { readonly percent: number };

/** A tree of tasks over the results of a map, `arity` of them a task, until one is left. Their order is kept. */
export interface ReduceStep extends Common {
  readonly kind: 'reduce';
  readonly type: string;
  readonly over: string;
  readonly arity: number;
  readonly options?: StepOptions;
}

export interface SleepStep extends Common {
  readonly kind: 'sleep';
  /** From the end of its predecessors. */
  readonly ms: number;
}

export interface UntilStep extends Common {
  readonly kind: 'until';
  /** Milliseconds since 1970; `given`: an instant of the input, which whoever starts the run writes into its header. */
  readonly at: number | { readonly given: Path };
}

/** Waits until somebody gives the signal of its name. Its result is what came with it. */
export interface SignalStep extends Common {
  readonly kind: 'signal';
  /** Answers that are accepted, as labels; absent: a signal has none. */
  readonly answers?: readonly string[];
  /** From the end of its predecessors. Absent: it waits for as long as the run lasts. */
  readonly timeoutMs?: number;
  /** The answer when the time is over. Absent: the step fails then. */
  readonly onTimeout?: string;
}

/**
 * The beginning (without `of`) or the end of a sub-flow, whose steps have become steps of this plan. It ends at once when it
 * begins: failed if one of `of` has failed or was cancelled, skipped if all of them were skipped, else succeeded.
 */
export interface FlowStep extends Common {
  readonly kind: 'flow';
  readonly of: readonly string[];
}

export type Step = TaskStep | MapStep | ReduceStep | SleepStep | UntilStep | SignalStep | FlowStep;
export type StepKind = Step['kind'];

/**
 * An edge: `step` ended as `on` says. Default `succeeded`. `is`: it succeeded with this label. An edge from a skipped step counts
 * neither for nor against, unless it is `must`: then it counts against. `early`, of `failed` and a map: it holds as soon as an item has
 * failed for good, also while the map goes on.
 */
export type Edge =
  | {
      readonly step: string;
      readonly on?: 'succeeded' | 'failed' | 'ended';
      readonly must?: true;
      readonly early?: true;
    }
  | { readonly step: string; readonly is: string };

/** All of these, or any of them; nested one deep. */
export type After = AllOf | AnyOf;
export interface AllOf {
  readonly all: readonly (Edge | { readonly any: readonly Edge[] })[];
}
export interface AnyOf {
  readonly any: readonly (Edge | { readonly all: readonly Edge[] })[];
}

/** Options of the tasks of a step: fields of a group, as in records. The start of the run says the rest. */
export type StepOptions = { readonly queue?: string } & Readonly<
  Partial<Pick<TaskOptions, (typeof STEP_OPTION_FIELDS)[number]>>
>;
/** Of the fields of a group: those that make sense for a step. */
export const STEP_OPTION_FIELDS = [
  'tenant',
  'priority',
  'maxAttempts',
  'timeoutMs',
  'heartbeatMs',
  'expiresMs',
  'deadlineMs',
  'retry',
  'limits',
] as const satisfies readonly (keyof TaskOptions)[];

/** Keys in an object of JSON, or indexes in a list, from the outside in. */
export type Path = readonly (string | number)[];

/**
 * JSON with references in it. An object with one of these fields alone is a reference:
 * - `{ "$step": "merge", "at": ["sum"] }`: of the result of that step; `null` if it has none;
 * - `{ "$input": ["day"] }`: of the input of the run;
 * - `{ "$outcome": [] }`: of how the run stands (`RunOutcome`), for steps of `finally`;
 * - `{ "$items": "parse" }`: a note that the handler reads the results of that map by `ctx.results`; it becomes `null`;
 * - `{ "$literal": value }`: the value itself, where it has such fields.
 */
export type Template = null | boolean | number | string | readonly Template[] | { readonly [key: string]: Template };

export const PLAN_LIMITS = {
  steps: 1_000,
  edges: 10_000,
  bytes: 64 * 1024,
  depth: 100,
  /** Runs that become each other, one after the other: whoever reads the result of the first goes through all of them. */
  chain: 100,
  items: 1_000_000,
} as const;
