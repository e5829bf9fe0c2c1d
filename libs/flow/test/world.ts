import type { BatchId } from '@drover/core';
import type { FlowHeader, OfRecord, StepReport } from '@drover/protocol';
import {
  FlowBook,
  planText,
  type Decision,
  type DraftFact,
  type FlowFact,
  type NamedNote,
  type NewStepBatch,
  type Plan,
  type ReportFact,
  type RunView,
} from '../src/index.js';

type TaskState = 'unfinished' | 'succeeded' | 'failed' | 'cancelled';
const RETENTION = { retainTasks: 1e9, retainMs: 1e12, retainDeadTasks: 1e9, retainDeadMs: 1e12, retainAtLeastMs: 0 };

/** All that ZooKeeper would hold, and a leader's book beside it, which can be rebuilt from it at any time. */
export class World {
  readonly plans = new Map<string, string>();
  readonly flows = new Map<BatchId, Omit<FlowFact, 'notes'> & { notes: NamedNote[] }>();
  readonly batches = new Map<
    BatchId,
    { of: readonly OfRecord[] | null; draft: DraftFact | null; states: TaskState[] }
  >();
  readonly reports: ReportFact[] = [];
  /** Every task that was ever started, by what it is: nothing may be there twice. */
  readonly started = new Map<string, string>();
  readonly twice: string[] = [];
  /** Batches of which something is out, or was. */
  readonly begun = new Set<BatchId>();
  readonly active = new Set<BatchId>();
  readonly removed: string[] = [];
  readonly finished = new Map<BatchId, Extract<Decision, { kind: 'finish' }>>();
  readonly limits = new Map<string, number | null>();
  readonly retention: typeof RETENTION;
  book: FlowBook;
  now = 1_000;
  /** Decisions of the last turn. */
  last: Decision[] = [];
  #ids = 0;
  #epoch = 1;
  #notes = 0;
  #order = 1n;

  constructor(retention: Partial<typeof RETENTION> = {}) {
    this.retention = { ...RETENTION, ...retention };
    this.book = this.#newBook();
    this.book.begin(this.now);
  }

  #newBook(): FlowBook {
    return new FlowBook({
      newId: () => this.id(),
      noteName: () => `e${this.#epoch}-${this.#notes++}`,
      retention: this.retention,
    });
  }

  id(): BatchId {
    return `01${String(++this.#ids).padStart(24, '0')}`;
  }

  /** A client starts runs of a plan; the drafts of given items go first. */
  start(plan: Plan, count = 1, header: Partial<FlowHeader> = {}, id = this.id()): BatchId {
    const hash = `h${![...this.plans.values()].includes(planText(plan)) ? this.plans.size : [...this.plans.values()].indexOf(planText(plan))}`;
    const isNew = !this.plans.has(hash);
    this.plans.set(hash, planText(plan));
    for (const [step, run, items] of header.maps ?? []) this.addDraft({ flow: id, run, step, from: 0 }, items);
    const base = { name: plan.name, plan: hash, count, at: this.now, client: 'test' };
    const fact = { id, header: { ...base, ...header }, order: this.#order++, submittedAt: this.now, notes: [] };
    this.flows.set(id, fact);
    this.book.flow(fact);
    if (isNew) this.book.plan(hash, planText(plan), this.now);
    return id;
  }

  addDraft(draft: DraftFact['draft'], count: number, id = this.id()): BatchId {
    const fact = { id, draft, count, createdAt: this.now, order: this.#order++ };
    this.batches.set(id, { of: null, draft: fact, states: Array.from({ length: count }, () => 'unfinished' as const) });
    this.book.draft(fact);
    return id;
  }

  /** The leader carries out what it decides, or dies after `most` of it: `takeOver` is next then. */
  turn(now = this.now, most = Infinity): Decision[] {
    this.now = now;
    this.last = this.book.turn(now);
    for (const decision of this.last.slice(0, most)) this.#do(decision);
    return this.last;
  }

  /** Turns until nothing is decided. */
  settle(): void {
    while (this.turn().length > 0);
  }

  #do(decision: Decision): void {
    switch (decision.kind) {
      case 'start':
        this.#start(decision.batch);
        return;
      case 'activate':
        this.active.add(decision.batch);
        return;
      case 'discard':
        this.batches.delete(decision.batch);
        this.removed.push(decision.batch);
        return;
      case 'note':
        for (const note of decision.notes)
          this.flows.get(decision.flow)?.notes.push({ name: decision.name, note, order: this.#order });
        this.#order++;
        if (decision.notes.some(({ kind }) => kind === 'retry')) delete this.flows.get(decision.flow)?.header.finished;
        if (decision.notes.some(({ kind }) => kind === 'closed'))
          this.book.noted(decision.flow, decision.name, this.#order);
        return;
      case 'cancel':
        if (decision.unlessBegun === true && decision.tasks.some(({ batch }) => this.begun.has(batch))) return;
        for (const { batch, index } of decision.tasks) this.#cancel(batch, index);
        return;
      case 'finish': {
        const flow = this.flows.get(decision.flow);
        const { succeeded, failed, cancelled } = decision;
        if (flow !== undefined) flow.header.finished = { at: this.now, succeeded, failed, cancelled };
        this.finished.set(decision.flow, decision);
        return;
      }
      case 'remove':
        this.flows.delete(decision.flow);
        this.removed.push(decision.flow, ...decision.unpin);
        for (const batch of decision.unpin) this.batches.delete(batch);
        this.book.flowGone(decision.flow);
        return;
      case 'limit':
        this.limits.set(decision.name, decision.max);
        return;
      case 'remove-plan':
        this.plans.delete(decision.plan);
    }
  }

  #cancel(batch: BatchId, index: number): void {
    const known = this.batches.get(batch);
    if (known?.states[index] === 'unfinished') this.end(batch, index, 'cancelled');
  }

  #start({ id, of, groups }: NewStepBatch): void {
    const names = of.flatMap(({ flow, step, gen = 0, runs, items }) => {
      const [from, to] = items ?? runs;
      return Array.from({ length: to - from }, (_, i) =>
        items === undefined ? `${flow}.${from + i}/${step}/${gen}` : `${flow}.${runs[0]}/${step}/${gen}/${from + i}`,
      );
    });
    if (groups.reduce((sum, { count }) => sum + count, 0) !== names.length) throw new Error('groups and of differ');
    for (const [index, name] of names.entries()) {
      if (this.started.has(name)) this.twice.push(name);
      this.started.set(name, `${id}.${index}`);
    }
    this.batches.set(id, { of, draft: null, states: names.map(() => 'unfinished') });
  }

  /** A worker reports the end of a task. */
  end(
    batch: BatchId,
    index: number,
    how: 'succeeded' | 'failed' | 'cancelled' = 'succeeded',
    report: StepReport = {},
    by = `a-${batch}`,
  ): void {
    const known = this.batches.get(batch);
    if (known?.states[index] !== 'unfinished') throw new Error(`no task ${batch}.${index} runs`);
    if (Object.keys(report).length > 0) {
      const fact = { ...report, batch, by };
      this.reports.push(fact);
      this.book.report(fact);
    }
    known.states[index] = how;
    this.book.ended(batch, index, how, this.now);
  }

  /** The task of a step: `step`, of a run, or `step#item`. */
  task(flow: BatchId, step: string, run = 0, generation = 0): [BatchId, number] {
    const [name = '', item] = step.split('#');
    const key = `${flow}.${run}/${name}/${generation}${item === undefined ? '' : `/${item}`}`;
    const [batch = '', index] = this.started.get(key)?.split('.') ?? [];
    if (batch !== '') return [batch, Number(index)];
    for (const [id, { draft }] of this.batches) {
      const at = Number(item) - (draft?.draft.from ?? 0);
      if (
        draft?.draft.flow === flow &&
        draft.draft.run === run &&
        draft.draft.step === name &&
        at >= 0 &&
        at < draft.count
      )
        return [id, at];
    }
    throw new Error(`${key} was not started; there are ${[...this.started.keys()].join(', ')}`);
  }

  /** Ends a step that runs, and turns. */
  finish(
    flow: BatchId,
    step: string,
    how: 'succeeded' | 'failed' | 'cancelled' = 'succeeded',
    options: { run?: number; generation?: number; report?: (index: number) => StepReport; by?: string } = {},
  ): void {
    const [batch, index] = this.task(flow, step, options.run, options.generation);
    this.end(batch, index, how, options.report?.(index), options.by);
    this.turn();
  }

  /** Tasks that a worker may run now, in an order that does not depend on chance. */
  runnable(): { batch: BatchId; index: number; of: OfRecord | null }[] {
    return [...this.batches].flatMap(([batch, { of, draft, states }]) => {
      if (draft !== null && !this.active.has(batch)) return [];
      return states.flatMap((state, index) => (state === 'unfinished' ? [{ batch, index, of: ofAt(of, index) }] : []));
    });
  }

  /** The leader dies; the next one reads everything, in the order that `shuffle` gives. */
  takeOver(shuffle: <Item>(items: Item[]) => Item[] = (items) => items): void {
    this.#epoch++;
    this.#notes = 0;
    const book = this.#newBook();
    const told: (() => void)[] = [];
    for (const [hash, text] of this.plans)
      told.push(() => {
        book.plan(hash, text, this.now);
      });
    for (const flow of this.flows.values())
      told.push(() => {
        book.flow({ ...flow, notes: [...flow.notes] });
      });
    for (const report of this.reports)
      if (this.batches.has(report.batch))
        told.push(() => {
          book.report(report);
        });
    for (const [id, { of, draft, states }] of this.batches)
      told.push(() => {
        if (of !== null) book.steps({ id, of }, (index) => states[index] ?? 'unfinished');
        else if (draft !== null) {
          book.draft(draft);
          for (const [index, state] of states.entries())
            if (state !== 'unfinished') book.ended(id, index, state, this.now);
        }
      });
    for (const tell of shuffle(told)) tell();
    this.active.clear();
    this.book = book;
    book.begin(this.now);
  }

  view(flow: BatchId, run = 0): RunView {
    const view = this.book.view({ flow, run });
    if (view === null) throw new Error(`no run ${flow}.${run}`);
    return view;
  }

  /** `a succeeded, b waiting`. */
  states(flow: BatchId, run = 0): string {
    return Object.entries(this.view(flow, run).steps)
      .map(([name, { state }]) => `${name} ${state}`)
      .join(', ');
  }
}

function ofAt(of: readonly OfRecord[] | null, index: number): OfRecord | null {
  let end = 0;
  for (const entry of of ?? []) {
    const [from, to] = entry.items ?? entry.runs;
    end += to - from;
    if (index < end) return entry;
  }
  return null;
}
