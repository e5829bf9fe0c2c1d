import { batchIds, type BatchId } from '@drover/core';
import {
  FlowBook,
  type Decision,
  type DraftFact,
  type FlowRetention,
  type FoundState,
  type ReportFact,
  type RunName,
} from '@drover/flow';
import {
  decodeFlow,
  flowPath,
  originName,
  type BatchHeader,
  type FlowHeader,
  type NoteRecord,
  type WhyRecord,
} from '@drover/protocol';
import type { TaskName } from '@drover/planner';
import { inBackground } from '@drover/runtime';
import type { Operation, WatchHandle } from '@drover/zookeeper';
import type { Refusal } from '@drover/coordination';
import type { Asked } from '../commands/operations.js';
import { STEPS } from '../facts/batch-facts.js';
import { freeRequestKey } from '../facts/request-keys.js';
import { readable } from '../facts/readable.js';
import type { StepsListener } from '../facts/tasks-watcher.js';
import type { OwnBatches } from '../schedules/schedules.js';
import { refusedBackoff } from '../term/backoff.decide.js';
import { reportInvalid, type TermContext } from '../term/term-context.js';
import { FlowWrites } from './flow-writes.js';
import { FlowsWatcher } from './flows-watcher.js';
import { KnownFlows } from './known-flows.js';
import { Plans, type GivenPlans } from './plans.js';
import { RunKeys } from './run-keys.js';
import { waitReason, whyRun } from './why-run.decide.js';
import { flowOperation, noteOperations, removeFlowOperations, startOperation, stepsHeader } from './operations.js';

/** Failed runs of one note that are logged. */
const MOST_TOLD = 20;

export interface FlowsOptions {
  context: TermContext;
  tasks: Pick<OwnBatches, 'creating' | 'created' | 'forget'> & { caughtUp(): Promise<void> };
  retention: FlowRetention;
  /** A schedule names the plan. */
  needsPlan: (plan: string) => boolean;
  /** Plans now, with the requester of what was changed. */
  plan: (asked?: Asked) => void;
}

/** A run, a fire of a schedule, has ended, is gone, or begins again. */
export interface FiredEnd {
  readonly id: BatchId;
  readonly how: 'succeeded' | 'failed' | 'cancelled' | 'gone' | 'again';
}

interface FoundBatch {
  readonly batch: BatchId;
  readonly header: BatchHeader;
  readonly order: bigint;
  readonly submittedAt: number;
}

type DecisionOf<Kind extends Decision['kind']> = Extract<Decision, { kind: Kind }>;

/**
 * The flows of one term: the book of runs is told what there is, and its decisions are written. It does nothing while
 * nobody uses flows. "Flows" in the README says what interleaves, and what follows.
 */
export class Flows implements StepsListener {
  readonly book: FlowBook;
  readonly #options: FlowsOptions;
  readonly known = new KnownFlows();
  readonly #watcher: FlowsWatcher;
  readonly #writes: FlowWrites;
  readonly #plans: Plans;
  /** Batches that the takeover found; `null`: the term has begun. */
  #found: FoundBatch[] | null = [];
  /** There was something of a flow in this term. */
  #isUsed = false;
  /** The book was told so. */
  #hasBegun = false;
  #turning = false;
  readonly #cancels: DecisionOf<'cancel'>[] = [];
  #inCancels = false;
  /** Flows whose tasks are taken from their workers when they are cancelled. */
  readonly #atOnce = new Set<BatchId>();
  readonly #moved: FiredEnd[] = [];
  /** Starts that were refused since the last one that was not. */
  #refusals = 0;
  #n = 0;

  constructor(options: FlowsOptions) {
    const { context, retention, needsPlan } = options;
    this.#options = options;
    const newId = batchIds(
      () => context.clock.now(),
      () => context.runtime.random(),
    );
    const noteName = (): string => originName({ epoch: context.epoch, n: ++this.#n });
    const needs = (plan: string): boolean => needsPlan(plan) || this.#plans.isWanted(plan);
    this.book = new FlowBook({ newId, noteName, retention, needsPlan: needs });
    this.#watcher = new FlowsWatcher(context, this.book, this.known, (flow, header) =>
      this.#fireMoved(flow, header, 'gone'),
    );
    this.#writes = new FlowWrites(context);
    this.#plans = new Plans(context, {
      isUsed: (plan) => needs(plan) || this.book.usesPlan(plan),
      isKnown: (plan) => this.book.planOf(plan) !== null,
      learn: (plan, text) => this.book.plan(plan, text, context.clock.now()),
      flowsRead: () => this.#watcher.caughtUp(),
    });
  }

  /** Before the batches are read. */
  async load(own: (watch: WatchHandle) => void): Promise<void> {
    this.#isUsed = await this.#watcher.load(own);
  }

  // --- Batches of flows, as they are read

  needsReports({ of = [], draft }: BatchHeader): boolean {
    return of.some(({ flow }) => this.known.has(flow)) || (draft !== undefined && this.known.has(draft.flow));
  }

  found(batch: BatchId, header: BatchHeader, made: { order: bigint; submittedAt: number }): void {
    const found: FoundBatch = { batch, header, ...made };
    if (this.#found === null) this.#learn(found);
    else this.#found.push(found);
  }

  report(report: ReportFact): void {
    this.book.report(report);
  }

  gone(batch: BatchId): void {
    if (this.#found === null) this.book.batchGone(batch);
    else this.#found = this.#found.filter((found) => found.batch !== batch);
  }

  /** Everything that there is has been read. */
  async begin(): Promise<void> {
    const { context } = this.#options;
    await this.#watcher.caughtUp();
    if (!context.active()) return;
    // Ends that were read are found below.
    context.planner.takeEndedSteps();
    const found = this.#found ?? [];
    this.#found = null;
    for (const each of found) this.#learn(each);
    this.#letGoOrphans(found);
    inBackground(new RunKeys(context, this.known).freeThoseOfEnded(), (error) => context.broken(error));
    context.replan();
  }

  #learn(found: FoundBatch): void {
    const { batch, header } = found;
    this.#isUsed = true;
    if (header.of !== undefined) this.book.steps({ id: batch, of: header.of }, (index) => this.#stateOf(batch, index));
    else if (header.draft !== undefined) this.#learnDraft(found, header.draft);
    this.#options.context.replan();
  }

  /** Steps of flows that are gone: the leader before died after it had removed the last of them. */
  #letGoOrphans(found: readonly FoundBatch[]): void {
    for (const { batch, header } of found) {
      const flows = flowsOf(header);
      if (flows.length > 0 && !flows.some((flow) => this.known.has(flow))) this.#options.context.planner.letGo(batch);
    }
  }

  #learnDraft({ batch, header, order, submittedAt }: FoundBatch, draft: DraftFact['draft']): void {
    this.book.draft({ id: batch, draft, count: header.count, createdAt: submittedAt, order });
    const at = header.finished?.at ?? this.#options.context.clock.now();
    for (let index = 0; index < header.count; index++) {
      const state = this.#stateOf(batch, index);
      if (state !== 'unfinished') this.book.ended(batch, index, state, at);
    }
  }

  #stateOf(batch: BatchId, index: number): FoundState {
    const state = this.#options.context.planner.stateOf({ batch, index });
    if (state === 'succeeded' || state === 'failed' || state === 'cancelled') return state;
    // Somebody has written it by hand: a leader says which tasks were cancelled.
    return state === 'ended' || state === null ? 'cancelled' : 'unfinished';
  }

  // --- Turns

  /** Before each plan, so that what is started goes out with it: steps that have ended, and what follows. */
  turn(): void {
    if (this.#isReady()) this.#turn();
  }

  #isReady(): boolean {
    const { context } = this.#options;
    if (this.known.size > 0) this.#isUsed = true;
    return this.#isUsed && this.#found === null && !this.#turning && context.active() && !context.room.full;
  }

  #turn(): void {
    const { planner, clock } = this.#options.context;
    if (!this.#isReady()) return;
    this.#turning = true;
    try {
      if (!this.#hasBegun) {
        this.#hasBegun = true;
        this.book.begin(clock.now());
      }
      for (const { batch, index, state, at } of planner.takeEndedSteps()) this.book.ended(batch, index, state, at);
      this.#watcher.readMissingPlans();
      for (const decision of this.book.turn(clock.now())) this.#do(decision);
      const { news } = this.#options.context;
      for (const { id, queue } of this.book.takeChanged()) news.flowChanged(queue, id);
    } finally {
      this.#turning = false;
    }
  }

  /** Tasks are to be cancelled after this plan: it hands out nothing, for they may be among what waits. */
  get isCancelling(): boolean {
    return this.#cancels.length > 0;
  }

  /** After each plan: tasks are cancelled with the reason of whoever wanted it; ends that the plan itself brought come next. */
  afterPlan(): void {
    // The plan of a cancel: the loop below goes on.
    if (this.#inCancels) return;
    const { context, plan } = this.#options;
    this.#inCancels = true;
    try {
      for (let next = this.#cancels.shift(); next !== undefined; next = this.#cancels.shift()) {
        const { tasks, reason, by, unlessBegun } = next;
        if (unlessBegun === true && context.planner.haveBegun(tasks)) continue;
        const [atOnce, others] = this.#parted(tasks);
        context.planner.cancel(others, context.clock.now());
        context.planner.terminate(atOnce, context.clock.now());
        plan({ by, reason });
      }
    } finally {
      this.#inCancels = false;
    }
    if (this.#isReady() && context.planner.hasEndedSteps) context.replan();
  }

  #parted(tasks: readonly TaskName[]): [atOnce: TaskName[], others: readonly TaskName[]] {
    if (this.#atOnce.size === 0) return [[], tasks];
    const isAtOnce = ({ batch, index }: TaskName): boolean =>
      this.#atOnce.has(this.book.stepOf(batch, index)?.flow ?? '');
    return [tasks.filter(isAtOnce), tasks.filter((task) => !isAtOnce(task))];
  }

  nextDueAt(): number | null {
    return this.#isReady() ? this.book.nextDueAt() : null;
  }

  #do(decision: Decision): void {
    const { planner, clock } = this.#options.context;
    switch (decision.kind) {
      case 'start':
        return this.#start(decision);
      case 'activate':
        return planner.activate(decision.batch, clock.now());
      case 'discard':
        planner.discard(decision.batch);
        return;
      case 'limit': {
        const { name, max } = decision;
        return planner.limit(name, max === null ? null : { concurrency: max, rate: null, on: null, per: 'key' });
      }
      case 'cancel':
        this.#cancels.push(decision);
        return;
      case 'note':
        return this.#note(decision);
      case 'finish':
        return this.#finish(decision);
      case 'remove':
        return this.#remove(decision);
      case 'remove-plan':
        return this.#removePlan(decision.plan);
    }
  }

  /**
   * The batch counts as created from now on, so that the plan which follows hands it out: the assignments are in the same
   * transaction, or in later ones.
   */
  #start({ batch }: DecisionOf<'start'>): void {
    const { context, tasks } = this.#options;
    const { id, queue } = batch;
    const submittedAt = context.clock.now();
    const isFired = batch.of.some(({ flow }) => this.known.get(flow)?.header.fire !== undefined);
    const header = stepsHeader(batch, { at: submittedAt, client: context.leader, isFired });
    const { groups, needs = [] } = header;
    const operation = startOperation(id, header);
    tasks.creating(id);
    tasks.created(id, header);
    context.planner.batch({ id, queue, groups, submittedAt, bytes: operation.data.length, needs, ...STEPS });
    context.loaded();
    context.metrics.count('drover_started_steps_total', {}, header.count);
    context.writer.write([operation], { key: id, refused: (refusal) => this.#startRefused(id, refusal) });
  }

  /** Assignments of it are revoked: their workers find no batch. The steps are started again, after a pause. */
  #startRefused(id: BatchId, refusal: Refusal): void {
    const { context, tasks } = this.#options;
    if (!context.active()) return;
    if (refusal.code === 'NODE_EXISTS') return context.fail(`${refusal.path} is there already`);
    context.refused(refusal);
    tasks.forget(id);
    context.planner.batchGone(id);
    context.planner.takeEndedSteps().forEach(({ batch, index, state, at }) => {
      if (batch !== id) this.book.ended(batch, index, state, at);
    });
    context.replan();
    const again = context.later(refusedBackoff(++this.#refusals)).then((active) => {
      if (!active) return;
      this.book.refused(id);
      context.replan();
    });
    inBackground(again, (error) => context.broken(error));
  }

  #note({ flow, name, notes }: DecisionOf<'note'>): void {
    const known = this.known.get(flow);
    if (known === undefined) return;
    known.notes.push(name);
    this.#tellEnds(flow, known.header, notes);
    for (const note of notes)
      if (note.kind === 'ended' && note.ends[0] !== undefined) this.#fireMoved(flow, known.header, note.ends[0][2]);
      else if (note.kind === 'retry') this.#fireMoved(flow, known.header, 'again');
    const operations = noteOperations(flow, { name, notes }, known.header);
    const { finished: _finished, ...open } = known.header;
    const { inputs } = known;
    if (known.header.finished !== undefined && notes.some(({ kind }) => kind === 'retry')) {
      delete known.inputs;
      known.header = open;
      // In this turn, as what the retry starts: no leader may find that, and not the retry.
      if (inputs !== undefined) return this.#writes.write(flow, [flowOperation(flow, open, inputs), ...operations]);
    }
    if (notes.some(({ kind }) => kind === 'closed')) return this.#close(flow, name, operations);
    this.#writes.write(flow, operations);
  }

  /** The group has what was added before it was closed: in the order of ZooKeeper. */
  #close(flow: BatchId, name: string, operations: readonly Operation[]): void {
    const { context, tasks } = this.#options;
    this.#writes.run(flow, async () => {
      const answer = await this.#writes.untilApplied(flow, operations);
      // Events come in the order of the transactions: drafts from before have been seen, and may still have to be read.
      await tasks.caughtUp();
      if (!context.active() || answer?.applied !== true) return;
      this.book.noted(flow, name, answer.zxid);
      context.replan();
    });
  }

  #finish({ flow, succeeded, failed, cancelled }: DecisionOf<'finish'>): void {
    const known = this.known.get(flow);
    if (known === undefined) return;
    const finished = { at: this.#options.context.clock.now(), succeeded, failed, cancelled };
    this.#rewrite(flow, { ...known.header, finished });
  }

  /** The inputs stay as they are: nobody but the leader writes a flow that is there. */
  #rewrite(flow: BatchId, header: FlowHeader): void {
    const { context } = this.#options;
    const known = this.known.get(flow);
    if (known === undefined) return;
    known.header = header;
    this.#writes.run(flow, async () => {
      const inputs = await this.#inputsOf(flow);
      if (inputs !== null && context.active())
        await this.#writes.untilApplied(flow, [flowOperation(flow, header, inputs)]);
    });
  }

  /** Null: the flow is gone, or cannot be read. */
  async #inputsOf(flow: BatchId): Promise<readonly string[] | null> {
    const { context } = this.#options;
    const path = flowPath(flow);
    const znode = await readable(context, path, context.zk.get(path));
    if (znode === null || !context.active()) return null;
    try {
      return decodeFlow(path, znode.data).inputs;
    } catch (error) {
      reportInvalid(context, path, error);
      return null;
    }
  }

  /**
   * Its batches are let go when it is not there any more: a leader that found the flow and not its batches would start its
   * steps again.
   */
  #remove({ flow, unpin }: DecisionOf<'remove'>): void {
    const { context } = this.#options;
    this.#writes.run(flow, async () => {
      const isGone = await this.#removeFlow(flow);
      if (!isGone || !context.active()) return;
      if (this.known.delete(flow)) this.book.flowGone(flow);
      for (const batch of unpin) context.planner.letGo(batch);
      context.replan();
    });
  }

  async #removeFlow(flow: BatchId): Promise<boolean> {
    const { context } = this.#options;
    const path = flowPath(flow);
    await freeRequestKey(context, this.known.get(flow)?.header.requestKey, flow);
    if (!context.active()) return false;
    let notes: readonly string[] = this.known.get(flow)?.notes ?? [];
    for (;;) {
      let last = null;
      for (const piece of removeFlowOperations(flow, notes)) last = await this.#writes.untilApplied(flow, piece);
      if (last === null) return false;
      if (last.applied || last.code === 'NO_NODE') return true;
      // Somebody has put something there by hand.
      notes = (await readable(context, path, context.zk.children(path))) ?? [];
      if (!context.active()) return false;
    }
  }

  #removePlan(plan: string): void {
    inBackground(this.#plans.remove(plan), (error) => this.#options.context.broken(error));
  }

  /** Resolves when the flows that ZooKeeper has told of are known, with their plans. */
  async caughtUp(): Promise<void> {
    await this.#watcher.caughtUp();
    this.#watcher.readMissingPlans();
    await this.#watcher.caughtUp();
  }

  /** Null: nobody uses flows, or the term is still reading. */
  get usedBook(): FlowBook | null {
    return this.#hasBegun ? this.book : null;
  }

  /** Why a run has not ended; null: there is no such run. */
  whyRun(run: RunName): WhyRecord | null {
    const view = this.usedBook?.view(run) ?? null;
    return view === null ? null : whyRun(view, this.#options.context.clock.now());
  }

  /** Why a task has not begun that is an item of a map; null: nobody knows. */
  whyItem({ batch, index }: TaskName): WhyRecord['reasons'][number] | null {
    const book = this.usedBook;
    const name = book?.stepOf(batch, index) ?? null;
    const waits = name === null ? null : (book?.why(name, name.step) ?? null);
    return name === null || waits === null ? null : waitReason(name.step, waits, this.#options.context.clock.now());
  }

  #tellEnds(flow: BatchId, { name }: FlowHeader, notes: readonly NoteRecord[]): void {
    const { log, metrics } = this.#options.context;
    for (const note of notes) {
      if (note.kind !== 'ended') continue;
      let told = 0;
      for (const [from, to, state, reason = ''] of note.ends) {
        metrics.count('drover_ended_runs_total', { state }, to - from);
        if (state !== 'failed') continue;
        for (let run = from; run < to && told < MOST_TOLD; run++, told++)
          log.event('run.failed', { run: `${flow}.${run}`, flow: name, reason });
      }
    }
  }

  // --- Runs that are fires of schedules

  /** Everything has been read, and it is known how each run stands. */
  get isSettled(): boolean {
    return this.#found === null && (this.#hasBegun || (!this.#isUsed && this.known.size === 0));
  }

  /** It is being created: the event of it is an echo. */
  creating(flow: BatchId): void {
    this.known.set(flow, null);
  }

  /** The transaction was refused. */
  forget(flow: BatchId): void {
    this.known.delete(flow);
  }

  created(flow: BatchId, header: FlowHeader, made: { order: bigint; submittedAt: number }): void {
    this.known.set(flow, { header, notes: [] });
    this.#isUsed = true;
    this.book.flow({ id: flow, header, ...made, notes: [] });
  }

  /** As `Plans.use`. */
  withPlans<T>(given: GivenPlans, use: (refusal: string | null) => Promise<T>): Promise<T> {
    return this.#plans.use(given, use);
  }

  release(flow: BatchId): void {
    this.book.release(flow);
    this.#options.context.replan();
  }

  /** `atOnce`: its tasks are taken from their workers, and its steps of `finally` do not run. */
  cancel(flow: BatchId, asked: { reason: string; atOnce: boolean }): void {
    const { context } = this.#options;
    const { reason, atOnce } = asked;
    const [answer] = this.book.cancel([{ flow, run: 0 }], { reason, force: atOnce }, context.clock.now());
    if (atOnce && answer?.ok === true) this.#atOnce.add(flow);
    context.replan();
  }

  #fireMoved(flow: BatchId, { fire }: FlowHeader, how: FiredEnd['how']): void {
    if (fire === undefined) return;
    this.#moved.push({ id: flow, how });
    if (how !== 'again') this.#atOnce.delete(flow);
  }

  /** Runs that have ended, or begin again, since this was asked. */
  takeMoved(): FiredEnd[] {
    return this.#moved.length === 0 ? [] : this.#moved.splice(0);
  }

  // --- Commands

  /** Somebody asks for something of flows. */
  use(): void {
    this.#isUsed = true;
  }

  /**
   * Before a run of the flow is retried: what its znode needs to be opened again is there, and no write of it waits. False:
   * it cannot be read.
   */
  async prepareRetry(flow: BatchId): Promise<boolean> {
    for (;;) {
      await this.#writes.settled([flow]);
      const known = this.known.get(flow);
      if (known?.header.finished === undefined || known.inputs !== undefined) return true;
      const inputs = await this.#inputsOf(flow);
      if (inputs === null) return false;
      known.inputs = inputs;
    }
  }

  /** The book has refused the retry after all. */
  notRetried(flow: BatchId): void {
    const known = this.known.get(flow);
    if (known !== undefined) delete known.inputs;
  }

  /** Resolves when nothing of what was decided about these flows waits to be handed to the writer. */
  async settled(flows: Iterable<BatchId>): Promise<void> {
    await this.#writes.settled(flows);
  }
}

/** The flows without which nobody needs the batch; none of a draft that is not finished: its flow may still come. */
function flowsOf({ of = [], draft, finished }: BatchHeader): BatchId[] {
  const ofItems = draft !== undefined && finished !== undefined ? [draft.flow] : [];
  return [...of.map(({ flow }) => flow), ...ofItems];
}
