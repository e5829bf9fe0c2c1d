import { CANCELLED, END_CODES, FAILED, HELD, isOver, OPEN, RUNNING, SKIPPED, SUCCEEDED, WAITING } from './codes.js';
import { addHalt, hasEnded, isBad } from './ends.js';
import { closeMap, discard, startMap, startReduce, takeDraft } from './fans.js';
import type { FlowState } from './flow-state.js';
import { applyPolicy, drain, endRun, endParent, judgeStep, queueRun } from './drain.js';
import { closeHalted, haltWithParent, stopRun } from './halts.js';
import { entryOf, runOf, type Entry, type KnownBatch } from './known-batch.js';
import type { NoteRecord } from '@drover/protocol';
import type { NamedNote } from './model.js';
import type { PlanIndex } from './plan-index.js';
import { resetRun, stepsToReset } from './reset.js';
import { addWait } from './starts.js';
import { fanOf, type BookState } from './state.js';
import { applyReport } from './tasks.js';

/**
 * A flow and everything that is known of it becomes what a leader remembers who has seen it happen. Facts of tasks have no
 * order beside the notes, and need none: see the README.
 */
export function foldFlow(state: BookState, flow: FlowState, plan: PlanIndex): void {
  state.isFolding = true;
  flow.begin(plan);
  const batches = [...(state.strays.get(flow.id) ?? [])];
  state.strays.delete(flow.id);
  const fold = new Fold(state, flow, batches);
  fold.notes();
  closeFinished(state, flow);
  fold.finish();
  if (flow.header.parent !== undefined) endParent(state, flow);
  setDeadlines(state, flow, plan.plan.deadlineMs);
  if (flow.runs.every((_, run) => hasEnded(flow, run))) state.touched.add(flow);
  drain(state);
  state.isFolding = false;
}

/** A flow whose plan cannot be run: its runs fail, but for those that have ended. Others go on. */
export function foldInvalid(state: BookState, flow: FlowState, why: string): void {
  flow.invalid = why;
  for (const batch of state.strays.get(flow.id) ?? []) flow.hold(batch);
  state.strays.delete(flow.id);
  for (const { note } of flow.found)
    if (note.kind === 'ended') takeEnds(flow, note);
    else if (note.kind === 'retry') for (const [from, to] of note.runs) flow.setRuns(from, to, HELD);
  flow.found = [];
  closeFinished(state, flow);
  for (let run = 0; run < flow.count; run++) {
    if (hasEnded(flow, run)) continue;
    flow.setRun(run, FAILED);
    flow.ending.push(run);
  }
  state.touched.add(flow);
  endParent(state, flow);
}

function takeEnds(flow: FlowState, note: Extract<NoteRecord, { kind: 'ended' }>): void {
  for (const [from, to, state, reason] of note.ends) {
    flow.ends.push({ from, to, state, reason, at: note.at });
    flow.setRuns(from, to, END_CODES[state]);
  }
}

/** The header says that all its runs have ended. Notes are missing only where a leader died while it removed the flow. */
function closeFinished(state: BookState, flow: FlowState): void {
  const { finished } = flow.header;
  if (finished === undefined) return;
  for (let run = 0; run < flow.count; run++)
    if (!hasEnded(flow, run) && flow.retriedAt?.has(run) !== true) flow.setRun(run, CANCELLED);
  flow.finishedAt = finished.at;
  if (flow.runs.every((_, run) => hasEnded(flow, run))) state.finished.add(flow);
  else state.reopening.add(flow);
}

class Fold {
  readonly #state: BookState;
  readonly #flow: FlowState;
  readonly #entries: Entry[] = [];

  constructor(state: BookState, flow: FlowState, batches: readonly KnownBatch[]) {
    this.#state = state;
    this.#flow = flow;
    for (const batch of batches) for (const entry of batch.entries) this.#attach(entry);
    this.#entries.sort((a, b) => a.generation - b.generation);
  }

  /** An entry of a step that the plan does not have, or of a run that is not there, says nothing. */
  #attach(entry: Entry): void {
    const flow = this.#flow;
    if (entry.flowId !== flow.id || entry.flow !== null) return;
    const step = flow.plan?.at.get(entry.stepName) ?? -1;
    if (step < 0) {
      flow.hold(entry.batch);
      return;
    }
    entry.flow = flow;
    entry.step = step;
    this.#entries.push(entry);
  }

  notes(): void {
    const { found } = this.#flow;
    this.#flow.found = [];
    this.#facts(0, 0, this.#flow.count);
    for (const entry of this.#entries) if (entry.batch.draft !== null) takeDraft(this.#state, this.#flow, entry.batch);
    for (const named of [...found].sort((a, b) => compareNames(a.name, b.name))) this.#note(named);
  }

  #note({ name, note, order }: NamedNote): void {
    const flow = this.#flow;
    switch (note.kind) {
      case 'ended':
        takeEnds(flow, note);
        return;
      case 'signal': {
        const step = flow.plan?.at.get(note.step) ?? -1;
        const key = flow.key(note.run, step);
        if (step < 0 || flow.signals?.has(key) === true || flow.timeouts?.has(key) === true) return;
        (flow.signals ??= new Map()).set(key, {
          ...{ answer: note.answer ?? null, note: name },
          ...{ by: note.by ?? null, at: note.at },
        });
        return;
      }
      case 'closed':
        this.#close(name, note.run, note.step, order);
        return;
      default:
        this.#ofRuns(note);
    }
  }

  #close(name: string, run: number, stepName: string, order: bigint | undefined): void {
    const step = this.#flow.plan?.at.get(stepName);
    if (step === undefined || run >= this.#flow.count) return;
    const fan = fanOf(this.#flow, run, step);
    fan.closedBy = name;
    closeMap(this.#state, this.#flow, fan, order);
  }

  #ofRuns(note: Extract<NoteRecord, { kind: 'waits' | 'timeout' | 'cancel' | 'retry' }>): void {
    const flow = this.#flow;
    const step = typeof note.step === 'string' ? (flow.plan?.at.get(note.step) ?? -1) : -1;
    if (note.kind === 'waits') {
      if (step >= 0) addWait(flow, step, { runs: note.runs, generation: note.gen, at: note.at, isAnnounced: false });
      return;
    }
    for (const [from, to] of note.runs)
      for (let run = from; run < Math.min(to, flow.count); run++) {
        if (note.kind === 'timeout') (flow.timeouts ??= new Set()).add(flow.key(run, step));
        else if (note.kind === 'retry') this.#retry(run, note.from, note.gen, note.at);
        else {
          const { cause, at, by, reason } = note;
          const who = { ...(by === undefined ? {} : { by }), ...(reason === undefined ? {} : { reason }) };
          addHalt(flow, run, { cause, at, forcedAt: note.force === true ? at : null, ...who });
        }
      }
  }

  /** The run had ended by then, so all facts of its earlier generations are known: they say how it stood. */
  #retry(run: number, from: string | undefined, generation: number, at: number): void {
    const flow = this.#flow;
    if (flow.generation(run) >= generation) return;
    this.#settle(run, true);
    const root = from === undefined ? null : (flow.plan?.at.get(from) ?? -1);
    resetRun(flow, run, stepsToReset(flow, run, root) ?? new Set(), root);
    (flow.retriedAt ??= new Map()).set(run, at);
    flow.setRun(run, HELD);
    this.#facts(generation, run, run + 1);
  }

  /** Takes what batches say of tasks of these runs. */
  #facts(generation: number, from: number, to: number): void {
    for (const entry of this.#entries) {
      if (entry.generation !== generation || entry.batch.draft !== null) continue;
      const end = entry.item === null ? entry.run + entry.count : entry.run + 1;
      this.#place(entry, Math.max(from, entry.run), Math.min(to, end, this.#flow.count));
      if (end > from && entry.run < to)
        for (const report of entry.batch.reports ?? [])
          applyReport(
            this.#state,
            entry.batch,
            report,
            (of, run) => of === entry && run >= from && run < to && this.#flow.generation(run) === generation,
          );
      this.#skips(entry, from, to);
    }
  }

  #place(entry: Entry, from: number, to: number): void {
    const flow = this.#flow;
    const { step, batch, index, item } = entry;
    if (from >= to) return;
    flow.hold(batch);
    if (item !== null) {
      this.#placeItems(entry, from, item);
      return;
    }
    flow.tasks += to - from;
    flow.placesOf(step).set(from, to, batch.id, index + from - entry.run);
    for (let run = from; run < to; run++) {
      const code = batch.ends?.[index + run - entry.run] ?? WAITING;
      this.#set(run, step, code === WAITING ? RUNNING : code);
    }
  }

  #placeItems({ step, batch, index, count }: Entry, run: number, item: number): void {
    const flow = this.#flow;
    const fan = fanOf(flow, run, step);
    fan.isStarted = true;
    fan.places.set(item, item + count, batch.id, index);
    flow.tasks += count;
    for (let i = 0; i < count; i++) {
      const code = batch.ends?.[index + i] ?? WAITING;
      fan.set(item + i, code === WAITING ? RUNNING : code);
    }
    this.#set(run, step, RUNNING);
  }

  #set(run: number, step: number, code: number): void {
    const flow = this.#flow;
    const key = flow.key(run, step);
    if (isOver(code) && !isOver(flow.steps[key] ?? 0)) flow.left[run] = (flow.left[run] ?? 0) - 1;
    flow.steps[key] = code;
  }

  /** Tasks that skipped themselves, and those that became runs: they did not just succeed. */
  #skips(entry: Entry, from: number, to: number): void {
    const flow = this.#flow;
    if (entry.item !== null) return;
    for (const index of entry.batch.skipped ?? []) {
      if (entryOf(entry.batch, index) !== entry) continue;
      const run = runOf(entry, index);
      if (run < from || run >= to || flow.code(run, entry.step) !== SUCCEEDED) continue;
      entry.batch.skipped?.delete(index);
      this.#set(run, entry.step, SKIPPED);
      (flow.reasons ??= new Map()).set(flow.key(run, entry.step), 'it skipped itself');
    }
    if (flow.becomes === null) return;
    for (let run = Math.max(from, entry.run); run < Math.min(to, entry.run + entry.count); run++) {
      const key = flow.key(run, entry.step);
      if (!flow.becomes.has(key) || flow.code(run, entry.step) !== SUCCEEDED) continue;
      flow.steps[key] = RUNNING;
      flow.left[run] = (flow.left[run] ?? 0) + 1;
    }
  }

  /** Judges all steps in their order. Quiet: of a run that had ended by then; nothing is done for it. */
  #settle(run: number, isQuiet: boolean): void {
    const state = this.#state;
    const flow = this.#flow;
    // Of other runs of the flow, and to be done.
    const work = state.work.length;
    state.isQuiet = isQuiet;
    for (const step of flow.plan?.order ?? []) {
      judgeStep(state, flow, run, step);
      if (flow.code(run, step) !== RUNNING) continue;
      const fan = flow.fans?.get(flow.key(run, step));
      const child = flow.becomes?.get(flow.key(run, step));
      if (fan !== undefined && flow.plan?.steps[step]?.step.kind === 'reduce') startReduce(state, flow, run, step);
      else if (fan !== undefined) {
        startMap(state, flow, run, step);
        closeHalted(state, flow, run, step);
      }
      const become = child === undefined ? undefined : state.flows.get(child);
      if (become !== undefined) endParent(state, become);
    }
    if (isQuiet) state.work.length = work;
    state.isQuiet = false;
  }

  /** Each run stands as its facts say; those that have not ended go on. */
  finish(): void {
    const state = this.#state;
    const flow = this.#flow;
    for (let run = 0; run < flow.count; run++) {
      if (hasEnded(flow, run)) this.#settle(run, true);
      else this.#goOn(run);
    }
    haltWithParent(state, flow);
    this.#sweep();
    for (const entry of this.#entries)
      entry.batch.ends = entry.batch.entries.some(isUnfolded) ? entry.batch.ends : null;
    drain(state);
  }

  /** Drafts that belong to no generation. */
  #sweep(): void {
    const flow = this.#flow;
    for (const fan of flow.fans?.values() ?? []) {
      const items = flow.plan?.steps[fan.step]?.step;
      const list = items?.kind === 'map' && 'step' in items.items ? flow.plan?.at.get(items.items.step) : undefined;
      if (list === undefined || hasEnded(flow, fan.run) || (fan.by === null && !isOver(flow.code(fan.run, list))))
        continue;
      for (const draft of fan.waiting.splice(0)) discard(this.#state, flow, draft);
    }
  }

  #goOn(run: number): void {
    const state = this.#state;
    const flow = this.#flow;
    const isNamed = flow.header.parent === undefined || state.parents.has(flow.id);
    if (flow.waitsForFire) flow.waitsForFire = !this.#hasBegun(run) && flow.generation(run) === 0;
    if (!this.#hasBegun(run)) {
      if (isNamed && !flow.waitsForFire) queueRun(state, flow, run);
      return;
    }
    flow.setRun(run, OPEN);
    state.laneOf(flow).underWay++;
    this.#settle(run, false);
    if (flow.halts?.has(run) === true) stopRun(state, flow, run);
    else if ((flow.plan?.steps ?? []).some((_, step) => this.#hasFailed(run, step))) applyPolicy(state, flow, run);
    endRun(state, flow, run);
  }

  /** By a step that failed before a retry the run is not stopped again. */
  #hasFailed(run: number, step: number): boolean {
    const flow = this.#flow;
    return flow.generationOf(run, step) === flow.generation(run) && isBad(flow, step, flow.code(run, step));
  }

  /** Something was started for it in this generation, or it was cancelled. */
  #hasBegun(run: number): boolean {
    const flow = this.#flow;
    if (flow.halts?.has(run) === true) return true;
    const generation = flow.generation(run);
    for (const step of flow.plan?.order ?? []) {
      if (flow.generationOf(run, step) !== generation) continue;
      if (flow.code(run, step) !== WAITING || flow.waitOf(run, step) !== null) return true;
      if (flow.timeouts?.has(flow.key(run, step)) === true) return true;
      if (flow.fans?.get(flow.key(run, step))?.drafts.some(({ isActive }) => isActive) === true) return true;
    }
    return false;
  }
}

const isUnfolded = ({ flow }: Entry): boolean => flow === null;

function setDeadlines(state: BookState, flow: FlowState, ofPlan: number | undefined): void {
  const ms = flow.header.deadlineMs ?? ofPlan;
  if (ms === undefined) return;
  state.at(flow.submittedAt + ms, { kind: 'deadline', flow, run: null, generation: 0 });
  for (const [run, at] of flow.retriedAt ?? [])
    state.at(at + ms, { kind: 'deadline', flow, run, generation: flow.generation(run) });
}

/** `e<epoch>-<n>`, by their numbers. */
export function compareNames(a: string, b: string): number {
  const [epochA = 0, nA = 0] = a.slice(1).split('-').map(Number);
  const [epochB = 0, nB = 0] = b.slice(1).split('-').map(Number);
  return epochA - epochB || nA - nB;
}
