import { indexesOf, taskId, type Range, type TaskId } from '@drover/core';
import type { Plan } from '@drover/flow';
import { decodeRecord, parseTasksPath, ROOTS, type NoteRecord, type RunEnd } from '@drover/protocol';
import type { Call } from '@drover/worker';
import type { Findings } from './findings.js';
import { FlowFacts, nameOf, type DraftOf, type FlowOf, type Named, type Place, type RunOf } from './flow-facts.js';
import { NaiveJudge, resetBy, type JudgeSources } from './naive-judge.js';
import type { TaskState } from './task-rules.js';
import type { ZnodeChange, ZnodeWrite } from './znode-change.js';

/**
 * A step, and an item of one, is named once a generation, and only when what is before it has ended as the plan asks; a draft
 * goes out when its map has begun; nothing starts in a run that was halted or has ended; and a run ends when its steps have,
 * as they say. Told by the committed transactions alone, after `TaskRules` has seen them.
 */
export class FlowRules {
  readonly #findings: Findings;
  readonly #isTimeRight: boolean;
  readonly #taskOf: (batch: string, index: number) => TaskState | undefined;
  readonly #facts = new FlowFacts();
  readonly #stale = new Set<TaskId>();
  readonly #sources: JudgeSources;
  /** Assignments that are there, by name. */
  readonly #assignments = new Set<string>();
  /** Maps of which an item of a draft went out. */
  readonly #begun = new Set<string>();
  /** Tasks whose handlers began, by what they are of a run. */
  readonly #began = new Map<string, TaskId>();
  #named = 0;
  #latestMs = 0;

  constructor(
    findings: Findings,
    taskOf: (batch: string, index: number) => TaskState | undefined,
    { nowMs, isTimeRight }: Pick<JudgeSources, 'nowMs' | 'isTimeRight'>,
  ) {
    this.#isTimeRight = isTimeRight;
    this.#findings = findings;
    this.#taskOf = taskOf;
    const task = ({ batch, index }: Place): TaskState | undefined => taskOf(batch, index);
    // The leader's clock stands still where ZooKeeper's goes back: what is over stays so.
    const latestMs = (): number => (this.#latestMs = Math.max(this.#latestMs, nowMs()));
    this.#sources = { facts: this.#facts, task, stale: this.#stale, nowMs: latestMs, isTimeRight };
  }

  /** Steps and items that batches have named. */
  get named(): number {
    return this.#named;
  }

  /** Runs that have not ended. */
  unended(): { id: string; signals: string[] }[] {
    return this.#facts
      .flows()
      .filter(({ id }) => !this.#facts.isGone(id))
      .flatMap(({ id, plan, runs }) =>
        runs.flatMap(({ end }, run) => (end === null ? [{ id: taskId(id, run), signals: signalsOf(plan) }] : [])),
      );
  }

  /** A draft of a flow that never came. */
  isDraftOfNothing(path: string): boolean {
    const draft = this.#facts.draft(parseTasksPath(path)?.batch ?? '');
    return draft !== undefined && this.#facts.flow(draft.flow) === undefined;
  }

  see({ writes, isSessionEnd }: ZnodeChange): void {
    this.#sources.nowMs();
    for (const { op, path } of writes)
      if (op === 'delete') this.#assignments.delete(path.slice(path.lastIndexOf('/') + 1));
    if (isSessionEnd) return;
    for (const write of writes) this.#facts.plan(write);
    for (const write of writes) this.#facts.planned(write);
    for (const write of writes) this.#facts.report(write);
    for (const write of writes) this.#facts.removed(write);
    // Notes count for the steps that the same transaction starts, wherever they stand in it.
    const ended = writes.flatMap((write) => this.#notes(write));
    for (const end of ended) this.#agrees(end);
    for (const write of writes) this.#write(write, writes);
  }

  /** Answers the runs that ended: a run that a task became may end in the same transaction as that task's run. */
  #notes(write: ZnodeWrite): { flow: FlowOf; index: number; state: RunEnd }[] {
    const noted = this.#facts.notesIn(write);
    if (noted === null) return [];
    const { flow, notes } = noted;
    for (const note of notes) this.#isLeadersTime(note.at);
    for (const note of notes) this.#noted(flow, note);
    return notes.flatMap((note) => (note.kind === 'ended' ? this.#ended(flow, note) : []));
  }

  /** While ZooKeeper's clock is moved, the leader's goes on from where that was. */
  #isLeadersTime(atMs: number): void {
    if (!this.#isTimeRight) this.#latestMs = Math.max(this.#latestMs, atMs);
  }

  #write(write: ZnodeWrite, writes: readonly ZnodeWrite[]): void {
    if (write.op !== 'create') return;
    const { path } = write;
    if (path.startsWith(`${ROOTS.assignments}/`) && path.split('/').length === 4) {
      this.#assignments.add(path.slice(path.lastIndexOf('/') + 1));
      this.#assigned(write);
      return;
    }
    const batch = this.#facts.batchIn(write);
    if (batch === null) return;
    if (batch.draft !== null) this.#drafted(batch.batch, batch.draft);
    if (batch.named.length === 0) return;
    const isFenced = writes[0]?.op === 'check' && writes[0].path === ROOTS.epoch;
    this.#findings.expect(isFenced, () => `batch ${batch.batch} of steps was made by somebody who does not lead`);
    this.#isLeadersTime(batch.at);
    // All that one batch names began at the same moment.
    for (const { named } of batch.named) this.#mayBegin(named);
    for (const { named, place } of batch.named) this.#name(named, place);
  }

  #name(named: Named, place: Place): void {
    this.#named++;
    const before = this.#facts.place(named);
    this.#findings.expect(
      before === undefined,
      () => `${nameOf(named)} has two tasks: ${before?.id ?? ''}, ${place.id}`,
    );
    this.#facts.name(named, place);
  }

  #mayBegin(named: Named): void {
    const { flow: id, run: index, step, gen, item } = named;
    const found = this.#run(id, index);
    if (found === null) {
      this.#findings.add(`${nameOf(named)} was named, and there is no such run`);
      return;
    }
    const { flow, run, judge, plan } = found;
    const expect = (holds: boolean, why: string): void =>
      this.#findings.expect(holds, () => `${nameOf(named)} was started ${why}`);
    expect(this.#facts.isNamed(flow), 'in a run that no accepted report has named');
    expect(!this.#facts.isGone(id), 'after its run was removed');
    this.#underWay(flow, run, expect);
    expect(run.end === null, `after its run had ${run.end ?? ''}`);
    expect(!judge.isHalted(step), 'after its run was cancelled');
    expect(gen === judge.generation(step), `, its generation is ${judge.generation(step)}`);
    const verdict = judge.verdict(step);
    expect(verdict === 'start', `when it should ${verdict}`);
    const of = plan.steps[step];
    if (of?.kind !== 'reduce' || item === null) return;
    const unread = judge.readBy(of, item).find((below) => this.#final(judge.reduceTask(step, below)) !== 'succeeded');
    expect(unread === undefined, `before task ${unread ?? ''}, which it reads, had succeeded`);
  }

  #final(place: Place | undefined): TaskState['final'] {
    return place === undefined ? null : (this.#sources.task(place)?.final ?? null);
  }

  /** No more runs of a name have begun and not ended than its plan allows. */
  #underWay({ header, plan }: FlowOf, run: RunOf, expect: (holds: boolean, why: string) => void): void {
    // A run that was cancelled before its turn only cleans up, and one that a task became has had its turn.
    if (plan?.maxRuns === undefined || run.hasBegun || run.halts.length > 0 || header.parent !== undefined) return;
    const others = this.#facts
      .flows()
      .filter(
        ({ id, header: { name, parent } }) => name === header.name && parent === undefined && !this.#facts.isGone(id),
      );
    const count = others.flatMap(({ runs }) => runs).filter(({ hasBegun, end }) => hasBegun && end === null).length;
    expect(count < plan.maxRuns, `beside ${count} others, its plan allows ${plan.maxRuns}`);
    run.hasBegun = true;
  }

  #run(id: string, index: number): { flow: FlowOf; run: RunOf; plan: Plan; judge: NaiveJudge } | null {
    const flow = this.#facts.flow(id);
    const run = flow?.runs[index];
    if (flow === undefined || run === undefined || flow.plan === null) return null;
    return { flow, run, plan: flow.plan, judge: new NaiveJudge(this.#sources, flow, flow.plan, index, run) };
  }

  #drafted(batch: string, { by, step }: DraftOf): void {
    const isThere = by === null || this.#assignments.has(by);
    this.#findings.expect(isThere, () => `draft ${batch} of ${step} was written by ${by ?? ''}, which is not out`);
  }

  /** A part of a draft goes out: its map must have begun. */
  #assigned(write: ZnodeWrite & { op: 'create' | 'set' }): void {
    const { batch, tasks } = decodeRecord('assignment', write.path, write.data);
    const draft = this.#facts.draft(batch);
    if (draft === undefined) return;
    const { flow: id, run: index, step, by } = draft;
    const found = this.#run(id, index);
    const text = (why: string): string => `item ${[...indexesOf(tasks)].join()} of draft ${batch} went out ${why}`;
    if (found === null) {
      this.#findings.add(text('of a run that is not there'));
      return;
    }
    const { judge, plan } = found;
    const map = nameOf({ flow: id, run: index, step, gen: judge.generation(step), item: null });
    const goesOn = judge.letsEnd && this.#begun.has(map);
    this.#findings.expect(!judge.isHalted(step) || goesOn, () => text('after its run was cancelled'));
    this.#begun.add(map);
    this.#findings.expect(judge.verdict(step) === 'start', () => text(`when ${step} should ${judge.verdict(step)}`));
    const of = plan.steps[step];
    if (of?.kind !== 'map' || !('step' in of.items)) return;
    const accepted = judge.expansion(of.items.step)?.by;
    this.#findings.expect(accepted === by, () =>
      text(`: ${by ?? ''} wrote it, the report of ${accepted ?? 'nobody'} counts`),
    );
  }

  #noted(flow: FlowOf, note: NoteRecord): void {
    const order = this.#facts.nextOrder();
    const { plan } = flow;
    switch (note.kind) {
      case 'signal': {
        const run = flow.runs[note.run];
        if (run === undefined) return;
        this.#findings.expect(
          run.end === null,
          () => `a signal to ${flow.id}.${note.run} was accepted, which has ${run.end ?? ''}`,
        );
        const isFirst = !run.signals.has(note.step);
        this.#findings.expect(isFirst, () => `signal ${note.step} of ${flow.id}.${note.run} was accepted twice`);
        run.signals.set(note.step, { answer: note.answer ?? null, order });
        return;
      }
      case 'waits':
      case 'timeout':
        each(note.runs, (index) => {
          const run = flow.runs[index];
          if (note.kind === 'timeout') run?.timeouts.set(note.step, order);
          else run?.waits.set(`${note.step} ${note.gen}`, note.at);
        });
        return;
      case 'cancel':
        each(note.runs, (index) => flow.runs[index]?.halts.push({ cause: note.cause, force: note.force === true }));
        return;
      case 'retry':
        if (plan !== null) each(note.runs, (index) => this.#retried(flow, plan, index, note));
        return;
      default:
    }
  }

  #retried(flow: FlowOf, plan: Plan, index: number, { from, gen }: NoteRecord & { kind: 'retry' }): void {
    const run = flow.runs[index];
    if (run === undefined) return;
    const judge = new NaiveJudge(this.#sources, flow, plan, index, run);
    const reset = resetBy(plan, judge, from);
    const ends = new Map(Object.keys(plan.steps).map((step) => [step, judge.ended(step)]));
    run.kept = new Map([...ends].flatMap(([step, end]) => (end === null || reset.has(step) ? [] : [[step, end]])));
    for (const step of reset) this.#makeStale(judge, plan, step, from !== undefined);
    for (const step of reset) {
      run.generations.set(step, gen);
      run.timeouts.delete(step);
      if (ends.get(step) === 'succeeded' || ends.get(step) === 'failed') run.signals.delete(step);
    }
    run.retries = gen;
    run.hasBegun = false;
    run.halts = [];
    run.end = null;
  }

  /** Its items, and the parts of a reduce, that run again. */
  #makeStale(judge: NaiveJudge, plan: Plan, name: string, isAll: boolean): void {
    const step = plan.steps[name];
    const count =
      step?.kind === 'map' ? judge.items(name, step) : step?.kind === 'reduce' ? judge.reduceTasks(step) : 0;
    for (let item = 0; item < (count ?? 0); item++) {
      const place = step?.kind === 'map' ? judge.item(name, step, item) : judge.reduceTask(name, item);
      const final = this.#final(place);
      if (place !== undefined && final !== null && (isAll || final !== 'succeeded')) this.#stale.add(place.id);
    }
  }

  #ended(flow: FlowOf, { ends }: NoteRecord & { kind: 'ended' }): { flow: FlowOf; index: number; state: RunEnd }[] {
    return ends.flatMap(([from, to, state]) =>
      flow.runs.slice(from, to).map((run, i) => {
        const index = from + i;
        this.#findings.expect(run.end === null, () => `run ${flow.id}.${index} has ended twice`);
        run.end = state;
        return { flow, index, state };
      }),
    );
  }

  #agrees({ flow, index, state }: { flow: FlowOf; index: number; state: RunEnd }): void {
    const { plan, id } = flow;
    const run = flow.runs[index];
    if (plan === null || run === undefined) return;
    const judge = new NaiveJudge(this.#sources, flow, plan, index, run);
    const left = Object.keys(plan.steps).filter((step) => judge.ended(step) === null);
    // In a run that was halted, what was not handed out is over too, and nothing says so.
    const isOver = left.length === 0 || run.halts.length > 0;
    this.#findings.expect(isOver, () => `run ${id}.${index} has ${state}, and ${left.join(', ')} of it not`);
    const outcome = judge.outcome();
    this.#findings.expect(outcome === state, () => `run ${id}.${index} has ${state}, its steps say ${outcome}`);
  }

  /** A handler begins: what it is of a run has one task, and what it sees of others is what they gave. */
  begins({ task, step, payload }: Pick<Call, 'task' | 'step' | 'payload'>): void {
    if (step === undefined) return;
    const { run, step: name, generation, index } = step.place.flow;
    const what = `${run} ${name} ${generation}${index === undefined ? '' : ` #${index}`}`;
    const before = this.#began.get(what) ?? task;
    this.#findings.expect(before === task, () => `${what} was begun as ${before} and as ${task}`);
    this.#began.set(what, task);
    this.#seesResults(run, JSON.parse(payload) as unknown, what);
  }

  #seesResults(id: string, payload: unknown, what: string): void {
    const seen = typeof payload === 'object' && payload !== null && 'seen' in payload ? payload.seen : {};
    const [flow = '', index = ''] = id.split('.');
    const judge = this.#run(flow, Number(index))?.judge;
    for (const [step, result] of Object.entries(seen as Record<string, { task: TaskId; attempt: number } | null>)) {
      const place = judge?.placeOf(step);
      const state = place === undefined ? undefined : this.#taskOf(place.batch, place.index);
      const gave = state?.final === 'succeeded' && place !== undefined && !this.#facts.skipped.has(place.id);
      const isIts = gave ? result?.task === place.id && result.attempt === state.progress.attempt : result === null;
      this.#findings.expect(
        isIts,
        () => `${what} sees ${JSON.stringify(result)} of ${step}, which ${state?.final ?? 'has not run'}`,
      );
    }
  }
}

const signalsOf = (plan: Plan | null): string[] =>
  Object.entries(plan?.steps ?? {}).flatMap(([name, { kind }]) => (kind === 'signal' ? [name] : []));

function each(ranges: readonly Range[], act: (index: number) => void): void {
  for (const index of indexesOf(ranges)) act(index);
}
