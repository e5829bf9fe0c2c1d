import { ById, type BatchId } from '@drover/core';
import TinyQueue from 'tinyqueue';
import { Fan } from './fan.js';
import type { FlowState, Wait } from './flow-state.js';
import type { KnownBatch } from './known-batch.js';
import type { Decision } from './model.js';
import type { PlanIndex } from './plan-index.js';
import { RunTally } from './tally.js';

/** Tasks that are to be started: a step of a run, or an item of it. */
export interface Ready {
  readonly flow: FlowState;
  readonly run: number;
  readonly step: number;
  readonly item: number | null;
  readonly generation: number;
}

export type Due =
  | { readonly kind: 'wait'; readonly flow: FlowState; readonly step: number; readonly wait: Wait }
  | { readonly kind: 'until'; readonly flow: FlowState; readonly step: number }
  /** Of the runs that have not ended; of one, which was retried. */
  | { readonly kind: 'deadline'; readonly flow: FlowState; readonly run: number | null; readonly generation: number }
  /** Drafts of a flow that has not come. */
  | { readonly kind: 'draft'; readonly flow: BatchId }
  | { readonly kind: 'orphan'; readonly flow: FlowState }
  /** A batch was refused: the next turn writes another one. */
  | { readonly kind: 'again' }
  | { readonly kind: 'plan'; readonly hash: string };

export interface KnownPlan {
  /** Undefined: nobody has told it. */
  index: PlanIndex | null | undefined;
  why: string;
  /** The limits of its maps were declared. */
  isDeclared: boolean;
  flows: number;
  unusedSince: number;
}

/** Work that follows from an end at once. */
export type Work =
  | { readonly kind: 'judge'; readonly flow: FlowState; readonly run: number; readonly step: number }
  | { readonly kind: 'policy'; readonly flow: FlowState; readonly run: number }
  /** The run that a task became may have ended. */
  | { readonly kind: 'child'; readonly id: BatchId }
  | { readonly kind: 'fan'; readonly flow: FlowState; readonly fan: Fan }
  | { readonly kind: 'run-ended'; readonly flow: FlowState; readonly run: number };

/** Runs of one name: how many are under way, and who waits. */
export interface Lane {
  underWay: number;
  readonly queue: TinyQueue<{ readonly flow: FlowState; readonly run: number }>;
}

/** All that the book knows. */
export class BookState {
  readonly noteName: () => string;
  readonly graceMs: number;
  readonly needsPlan: (hash: string) => boolean;
  readonly flows = new Map<BatchId, FlowState>();
  /** The same for lists, and how many of their runs stand how. */
  readonly byId = new ById<FlowState>();
  readonly tally = new RunTally();
  /** Flows that are otherwise than when somebody took these. */
  readonly changed = new Set<FlowState>();
  readonly plans = new Map<string, KnownPlan>();
  readonly batches = new Map<BatchId, KnownBatch>();
  /** Batches with tasks of flows that are not folded yet, by these flows. */
  readonly strays = new Map<BatchId, Set<KnownBatch>>();
  /** When the newest draft of a flow was written that has not come, by that flow. */
  readonly unclaimed = new Map<BatchId, number>();
  readonly lanes = new Map<string, Lane>();
  /** Steps that end as the run of a flow ends. */
  readonly parents = new Map<BatchId, { readonly flow: FlowState; readonly run: number; readonly step: number }>();
  /** Flows that a task may have become, by that task. */
  readonly children = new Map<string, FlowState[]>();
  readonly due = new TinyQueue<{ readonly at: number; readonly due: Due }>([], (a, b) => a.at - b.at);

  /** The newest time that it was told. */
  now = 0;
  hasBegun = false;
  /** A flow is folded: what of its facts went before is found out. */
  isFolding = false;
  /** A run is folded that has ended since: nothing is to be done for it. */
  isQuiet = false;

  readonly work: Work[] = [];
  ready: Ready[] = [];
  /** Flows with notes, ends, or waits for the next turn. */
  readonly touched = new Set<FlowState>();
  /** Names of flows of which runs may be let in. */
  readonly admitting = new Set<string>();
  /** Flows that no accepted report has named. */
  readonly orphaned = new Set<FlowState>();
  /** Flows that were finished when they were found. */
  readonly finished = new Set<FlowState>();
  /** Flows of which runs were retried. */
  readonly reopening = new Set<FlowState>();
  readonly activations = new Set<KnownBatch>();
  readonly discards = new Set<KnownBatch>();
  readonly cancels = new Map<
    string,
    { reason: string; by: string | undefined; tasks: { batch: BatchId; index: number }[]; unlessBegun?: true }
  >();
  readonly limits: Extract<Decision, { kind: 'limit' }>[] = [];
  /** Decisions of the next turn that come after all others. */
  later: Decision[] = [];

  constructor(noteName: () => string, graceMs: number, needsPlan: (hash: string) => boolean) {
    this.noteName = noteName;
    this.graceMs = graceMs;
    this.needsPlan = needsPlan;
  }

  at(at: number, due: Due): void {
    this.due.push({ at, due });
  }

  lane(name: string): Lane {
    let lane = this.lanes.get(name);
    if (lane === undefined) {
      const queue: Lane['queue'] = new TinyQueue<{ flow: FlowState; run: number }>([], inOrder);
      this.lanes.set(name, (lane = { underWay: 0, queue }));
    }
    return lane;
  }

  laneOf(flow: FlowState): Lane {
    return this.lane(laneName(flow));
  }

  cancelTask(task: { batch: BatchId; index: number }, reason: string, by: string | undefined): void {
    const key = JSON.stringify([reason, by]);
    let cancel = this.cancels.get(key);
    if (cancel === undefined) this.cancels.set(key, (cancel = { reason, by, tasks: [] }));
    cancel.tasks.push(task);
  }

  /** All of them, or none if one of them was out before. */
  cancelUnlessBegun(tasks: { batch: BatchId; index: number }[], reason: string): void {
    const [first] = tasks;
    if (first === undefined) return;
    const key = JSON.stringify(['unless begun', first.batch, first.index]);
    this.cancels.set(key, { reason, by: undefined, tasks, unlessBegun: true });
  }
}

/** Runs that tasks became are counted by themselves: they wait for nobody. No flow has such a name. */
export const laneName = ({ header: { name, parent } }: FlowState): string =>
  parent === undefined ? name : `> ${name}`;

/** The order of their starts. */
export const inOrder = (
  a: { readonly flow: FlowState; readonly run: number },
  b: { readonly flow: FlowState; readonly run: number },
): number => (a.flow === b.flow ? a.run - b.run : olderFirst(a.flow, b.flow));

export const olderFirst = (a: FlowState, b: FlowState): number =>
  a.order === b.order ? (a.id < b.id ? -1 : 1) : a.order < b.order ? -1 : 1;

export function fanOf(flow: FlowState, run: number, step: number): Fan {
  flow.fans ??= new Map();
  const key = flow.key(run, step);
  let fan = flow.fans.get(key);
  if (fan === undefined) flow.fans.set(key, (fan = new Fan(run, step)));
  return fan;
}
