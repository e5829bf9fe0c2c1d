import type { BatchId } from '@drover/core';
import type { Plan } from '../plan.js';
import { WAITING } from './codes.js';
import { cancel, close, retry, signal } from './commands.js';
import { beginFired, drain } from './drain.js';
import { closeMap, takeDraft } from './fans.js';
import { FlowState } from './flow-state.js';
import { foldFlow, foldInvalid } from './fold.js';
import { Keeping } from './keeping.js';
import { entryOf, itemOf, runOf, type Entry, type KnownBatch } from './known-batch.js';
import type {
  Asker,
  CancelAnswer,
  CloseAnswer,
  Decision,
  DraftFact,
  FiredRun,
  FlowCounts,
  FlowFact,
  FlowRetention,
  GivenSignal,
  GroupPage,
  GroupView,
  ReportFact,
  RetryAnswer,
  RunFilter,
  RunName,
  RunPage,
  RunView,
  SignalAnswer,
  StepBatchFact,
  StepTaskFilter,
  StepTaskPage,
  TaskEnded,
  TaskStepName,
  WaitsFor,
} from './model.js';
import { indexPlan, whyInvalid } from './plan-index.js';
import { forgetFlow } from './removals.js';
import { stepTasks } from './step-tasks.js';
import { BookState, olderFirst, type KnownPlan } from './state.js';
import { applyReport, CODES, dropUnnamed, endTask } from './tasks.js';
import { declareLimits, passTime, takeTurn } from './turn.js';
import { groupOf, groupsOf } from './groups.js';
import { listOf } from './list.js';
import { resultsOf, type StepResults } from './reads.js';
import { firedRun, queueOf, viewOf, whyWaits } from './views.js';

export interface FlowBookOptions {
  /** Ids that grow. */
  readonly newId: () => BatchId;
  /** Names of notes, each later than the one before: `e<epoch>-<n>`. */
  readonly noteName: () => string;
  readonly retention: FlowRetention;
  /** Drafts of a flow that has not come by then are removed, and plans that no flow has used. Default ten minutes. */
  readonly graceForDraftsMs?: number;
  /** Something besides flows needs the plan: a schedule names it. Default: nothing does. */
  readonly needsPlan?: (hash: string) => boolean;
}

/** How a task of a batch stands that was found: of one that has not ended nobody is told. */
export type FoundState = 'succeeded' | 'failed' | 'cancelled' | 'unfinished';

const GRACE_MS = 600_000;
/** After a batch was refused the next one is tried, unless something else happens before. */
const AGAIN_MS = 1_000;

/** All that the leader knows of flows, and what it decides about them. Pure; see the README. */
export class FlowBook {
  readonly #state: BookState;
  readonly #keeping: Keeping;
  readonly #newId: () => BatchId;
  /** Reports of batches that nobody has told yet. */
  readonly #reports = new Map<BatchId, ReportFact[]>();

  constructor(options: FlowBookOptions) {
    const { newId, noteName, retention, graceForDraftsMs = GRACE_MS, needsPlan = () => false } = options;
    this.#state = new BookState(noteName, graceForDraftsMs, needsPlan);
    this.#keeping = new Keeping(retention);
    this.#newId = newId;
    this.#state.byId.fill();
  }

  /** The text of a plan was read; null: there is none, or it cannot be read. Its runs fail with `InvalidPlan` then. */
  plan(hash: string, text: string | null, now = this.#state.now): void {
    const known = this.#planOf(hash);
    if (known.index !== undefined && known.index !== null) return;
    known.index = null;
    known.why = `InvalidPlan: plan ${hash} is not there`;
    if (text !== null)
      try {
        known.index = indexPlan(hash, text);
      } catch (error) {
        known.why = `InvalidPlan: ${whyInvalid(error)}`;
      }
    known.unusedSince = now;
    if (known.flows === 0) this.#state.at(now + this.#state.graceMs, { kind: 'plan', hash });
    if (this.#state.hasBegun)
      for (const flow of [...this.#state.flows.values()].filter(({ header }) => header.plan === hash).sort(olderFirst))
        this.#fold(flow);
  }

  #planOf(hash: string): KnownPlan {
    let plan = this.#state.plans.get(hash);
    if (plan === undefined)
      this.#state.plans.set(
        hash,
        (plan = { index: undefined, why: '', isDeclared: false, flows: 0, unusedSince: this.#state.now }),
      );
    return plan;
  }

  /** Plans that flows name and that nobody has told yet: to be read. */
  missingPlans(): string[] {
    return [...this.#state.plans].filter(([, { index }]) => index === undefined).map(([hash]) => hash);
  }

  /** Null: nobody has told such a plan, or it cannot be run. */
  planOf(hash: string): Plan | null {
    return this.#state.plans.get(hash)?.index?.plan ?? null;
  }

  /** Flows name it. */
  usesPlan(hash: string): boolean {
    return (this.#state.plans.get(hash)?.flows ?? 0) > 0;
  }

  /** A flow was found, or was just created. */
  flow(fact: FlowFact): void {
    const state = this.#state;
    if (state.flows.has(fact.id)) return;
    const flow = new FlowState(fact, state.tally.join(fact.header.name));
    state.flows.set(fact.id, flow);
    state.byId.add(flow);
    state.changed.add(flow);
    this.#planOf(fact.header.plan).flows++;
    const { parent } = fact.header;
    if (parent !== undefined) {
      state.children.set(parent, [...(state.children.get(parent) ?? []), flow]);
      state.at(this.#foundAt(fact.submittedAt) + state.graceMs, { kind: 'orphan', flow });
    }
    if (!state.hasBegun) return;
    this.#fold(flow);
    if (parent !== undefined) dropUnnamed(state, flow);
  }

  #fold(flow: FlowState): void {
    const state = this.#state;
    const plan = this.#planOf(flow.header.plan);
    const { index, why } = plan;
    if (flow.isFolded || flow.removed || index === undefined) return;
    flow.isFolded = true;
    if (index !== null) declareLimits(state, plan, index);
    if (index === null) foldInvalid(state, flow, why);
    else foldFlow(state, flow, index);
    drain(state);
  }

  /** Its znode is gone: somebody removed it by hand, or the leader, after `remove`. */
  flowGone(id: BatchId): void {
    const flow = this.#state.flows.get(id);
    if (flow === undefined) return;
    this.#keeping.release(flow);
    forgetFlow(this.#state, flow);
    drain(this.#state);
  }

  /** A batch of steps was found. */
  steps({ id, of }: StepBatchFact, stateOf: (index: number) => FoundState): void {
    if (this.#state.batches.has(id)) return;
    const count = of.reduce(
      (sum, { runs, items }) => sum + (items === undefined ? runs[1] - runs[0] : items[1] - items[0]),
      0,
    );
    const batch = this.#batch(id, count, null, 0n);
    let index = 0;
    for (const { flow: flowId, step: stepName, gen: generation = 0, runs, items } of of) {
      const [from, to] = items ?? runs;
      const entry = { batch, index, count: to - from, flowId, stepName, generation, flow: null, step: -1 };
      batch.entries.push({ ...entry, run: runs[0], item: items === undefined ? null : from });
      index += to - from;
    }
    const ends = new Uint8Array(count);
    for (let at = 0; at < count; at++) {
      const found = stateOf(at);
      ends[at] = found === 'unfinished' ? WAITING : CODES[found];
    }
    batch.ends = ends;
    this.#told(batch);
  }

  #batch(id: BatchId, count: number, draft: KnownBatch['draft'], order: bigint): KnownBatch {
    const reports = this.#reports.get(id) ?? null;
    this.#reports.delete(id);
    const flags = { isActive: false, isOut: false };
    return { id, count, entries: [], draft, order, ...flags, ends: null, reports, skipped: null, holders: 0 };
  }

  #told(batch: KnownBatch): void {
    const { batches, strays } = this.#state;
    batches.set(batch.id, batch);
    for (const { flowId } of batch.entries) {
      const of = strays.get(flowId);
      if (of === undefined) strays.set(flowId, new Set([batch]));
      else of.add(batch);
    }
  }

  /** A draft was found, or was just created. Its tasks have not ended: `ended` tells of those that have. */
  draft({ id, draft, count, createdAt, order }: DraftFact): void {
    const state = this.#state;
    if (state.batches.has(id)) return;
    const batch = this.#batch(id, count, draft, order ?? 0n);
    const at = { run: draft.run, item: draft.from, flow: null, step: -1 };
    const entry: Entry = { batch, index: 0, count, flowId: draft.flow, stepName: draft.step, generation: 0, ...at };
    batch.entries.push(entry);
    this.#told(batch);
    const flow = state.flows.get(draft.flow);
    if (flow?.isFolded !== true) {
      batch.ends = new Uint8Array(count);
      this.#isUnclaimed(draft.flow, createdAt);
      return;
    }
    state.strays.delete(draft.flow);
    entry.flow = flow;
    entry.step = flow.plan?.at.get(draft.step) ?? -1;
    takeDraft(state, flow, batch);
    drain(state);
  }

  /** A znode that is found while this leader leads was just written, whatever ZooKeeper's clock said. */
  #foundAt(createdAt: number): number {
    const { hasBegun, now } = this.#state;
    return hasBegun ? Math.max(createdAt, now) : createdAt;
  }

  #isUnclaimed(flow: BatchId, createdAt: number): void {
    const state = this.#state;
    const known = state.unclaimed.get(flow);
    const since = Math.max(known ?? 0, this.#foundAt(createdAt));
    state.unclaimed.set(flow, since);
    if (known === undefined) state.at(since + state.graceMs, { kind: 'draft', flow });
  }

  /** A batch of steps or a draft is gone. */
  batchGone(id: BatchId): void {
    const state = this.#state;
    const batch = state.batches.get(id);
    this.#reports.delete(id);
    if (batch === undefined) return;
    for (const { flowId } of batch.entries) state.strays.get(flowId)?.delete(batch);
    for (let index = 0; index < batch.count; index++) {
      const entry = entryOf(batch, index);
      if (entry !== null && entry.flow !== null) endTask(state, entry, index, 'gone');
    }
    for (const flow of new Set(batch.entries.map((entry) => entry.flow))) flow?.batches?.delete(batch);
    state.batches.delete(id);
    state.activations.delete(batch);
    state.discards.delete(batch);
    drain(state);
  }

  /** A report says this of steps. It is told before the ends of its tasks; before or after its batch. */
  report(fact: ReportFact): void {
    const batch = this.#state.batches.get(fact.batch);
    if (batch === undefined) {
      this.#reports.set(fact.batch, [...(this.#reports.get(fact.batch) ?? []), fact]);
      return;
    }
    if (batch.entries.some(({ flow }) => flow === null)) (batch.reports ??= []).push(fact);
    applyReport(this.#state, batch, fact, () => true);
    drain(this.#state);
  }

  ended(id: BatchId, index: number, how: TaskEnded, at: number): void {
    const state = this.#state;
    const batch = state.batches.get(id);
    const entry = batch === undefined ? null : entryOf(batch, index);
    if (batch === undefined || entry === null) return;
    if (entry.flow === null) {
      if (batch.ends !== null) batch.ends[index] = how === 'again' || how === 'gone' ? WAITING : CODES[how];
      return;
    }
    if (state.hasBegun) state.now = Math.max(state.now, at);
    state.changed.add(entry.flow);
    endTask(state, entry, index, how);
    drain(state);
  }

  /** All that there is has been told. */
  begin(now: number): void {
    const state = this.#state;
    state.now = now;
    state.hasBegun = true;
    state.byId.sort();
    for (const flow of [...state.flows.values()].sort(olderFirst)) this.#fold(flow);
    for (const flow of [...state.children.values()].flat()) dropUnnamed(state, flow);
  }

  /** Gives the decisions, to be carried out in this order; none before `begin`. */
  turn(now: number): Decision[] {
    if (!this.#state.hasBegun) return [];
    return takeTurn(this.#state, this.#keeping, this.#newId, now);
  }

  /** The closing note of a group is durable, and all drafts that were created before it have been told. */
  noted(id: BatchId, name: string, order: bigint): void {
    const flow = this.#state.flows.get(id);
    for (const fan of [...(flow?.fans?.values() ?? [])])
      if (flow !== undefined && fan.closedBy === name && fan.total === null) closeMap(this.#state, flow, fan, order);
    drain(this.#state);
  }

  /** A batch of `start` was refused: its steps are not started. They are started again, under another id. */
  refused(batch: BatchId): void {
    this.batchGone(batch);
    this.#state.at(this.#state.now + AGAIN_MS, { kind: 'again' });
  }

  /** When something is due by time alone. */
  nextDueAt(): number | null {
    if (!this.#state.hasBegun) return null;
    const due = this.#state.due.peek()?.at ?? null;
    const kept = this.#keeping.nextAt;
    return due === null || kept === null ? (due ?? kept) : Math.min(due, kept);
  }

  /** Times that are over by then come first: so it is decided in one order. */
  #at(now: number): BookState {
    const state = this.#state;
    state.now = Math.max(state.now, now);
    if (state.hasBegun) passTime(state);
    return state;
  }

  signal(run: RunName, step: string, given: GivenSignal, now: number): SignalAnswer {
    return signal(this.#at(now), run, step, given);
  }

  cancel(runs: readonly RunName[], given: Asker & { readonly force?: boolean }, now: number): CancelAnswer[] {
    const state = this.#at(now);
    return runs.map((run) => cancel(state, run, given));
  }

  retry(runs: readonly RunName[], given: Asker & { readonly from?: string }, now: number): RetryAnswer[] {
    return retry(this.#at(now), runs, given);
  }

  close(run: RunName, now: number): CloseAnswer {
    return close(this.#at(now), run);
  }

  /** The run of the flow, a fire of a schedule, waits for no earlier one any more. */
  release(id: BatchId): void {
    const flow = this.#state.flows.get(id);
    if (flow?.waitsForFire !== true) return;
    beginFired(this.#state, flow);
    drain(this.#state);
  }

  /** Runs that are fires of schedules. */
  *fired(): Iterable<FiredRun> {
    for (const flow of this.#state.flows.values()) {
      const fired = firedRun(flow);
      if (fired !== null) yield fired;
    }
  }

  view(run: RunName): RunView | null {
    const flow = this.#state.flows.get(run.flow);
    return flow === undefined || !(run.run >= 0 && run.run < flow.count) ? null : viewOf(this.#state, flow, run.run);
  }

  /** Null: there is no such run, or it has no such step. */
  tasksOf({ flow: id, run }: RunName, step: string, filter: StepTaskFilter): StepTaskPage | null {
    const flow = this.#state.flows.get(id);
    return flow === undefined || !(run >= 0 && run < flow.count) ? null : stepTasks(flow, run, step, filter);
  }

  /** Whether the flow of the run is there, with its plan. */
  knows({ flow: id }: RunName): boolean {
    return this.#state.flows.get(id)?.isFolded === true;
  }

  list(filter: RunFilter): RunPage {
    return listOf(this.#state.byId, filter);
  }

  /** Groups among them, with the same pages. */
  groups(filter: RunFilter): GroupPage {
    return groupsOf(this.#state.byId, filter);
  }

  /** Null: there is no such run, or it is no group. */
  group(run: RunName): GroupView | null {
    const flow = this.#state.flows.get(run.flow);
    return flow === undefined || !(run.run >= 0 && run.run < flow.count) ? null : groupOf(this.#state, flow, run.run);
  }

  /** Runs by the name of their flow. */
  counts(): ReadonlyMap<string, { readonly counts: FlowCounts }> {
    return this.#state.tally.byName;
  }

  /** All runs. */
  get total(): FlowCounts {
    return this.#state.tally.all;
  }

  /** Flows that have come, gone, or got further since this was asked last. */
  takeChanged(): { readonly id: BatchId; readonly queue: string }[] {
    const { changed } = this.#state;
    const taken = [...changed].map((flow) => ({ id: flow.id, queue: queueOf(flow) }));
    changed.clear();
    return taken;
  }

  /** The places of the results of a step; null: there is no such run, or no such step. */
  results(run: RunName, step: string): StepResults | null {
    const flow = this.#state.flows.get(run.flow);
    const at = flow?.plan?.at.get(step);
    return flow === undefined || at === undefined || !(run.run >= 0 && run.run < flow.count)
      ? null
      : resultsOf(flow, run.run, at);
  }

  stepOf(id: BatchId, index: number): TaskStepName | null {
    const batch = this.#state.batches.get(id);
    const entry = batch === undefined ? null : entryOf(batch, index);
    if (entry === null) return null;
    const { flowId: flow, stepName: step, generation } = entry;
    return { flow, run: runOf(entry, index), step, item: itemOf(entry, index), generation };
  }

  /** Tells for what a step waits; null: for nothing. */
  why(run: RunName, step: string): WaitsFor | null {
    const flow = this.#state.flows.get(run.flow);
    const at = flow?.plan?.at.get(step);
    return flow === undefined || at === undefined ? null : whyWaits(this.#state, flow, run.run, at);
  }
}
