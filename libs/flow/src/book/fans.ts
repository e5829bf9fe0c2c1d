import type { BatchId } from '@drover/core';
import { reduceLevels, reducePlace, reduceTasks } from '../reduce-shape.js';
import type { MapStep, ReduceStep } from '../plan.js';
import { CANCELLED, FAILED, isOver, READY, RUNNING, SKIPPED, SUCCEEDED, WAITING } from './codes.js';
import { endStep, haltOf, mayEnd } from './ends.js';
import { Fan } from './fan.js';
import type { FlowState } from './flow-state.js';
import type { Entry, KnownBatch } from './known-batch.js';
import { fanOf, type BookState } from './state.js';

/** Maps and reduces: many tasks that are one step. */

const mapOf = (flow: FlowState, step: number): MapStep | null => {
  const of = flow.plan?.steps[step]?.step;
  return of?.kind === 'map' ? of : null;
};
const reduceOf = (flow: FlowState, step: number): ReduceStep | null => {
  const of = flow.plan?.steps[step]?.step;
  return of?.kind === 'reduce' ? of : null;
};

/** The map begins. Throws nothing: a map whose items nobody gave fails. */
export function startMap(state: BookState, flow: FlowState, run: number, step: number): void {
  const map = mapOf(flow, step);
  if (map === null) return;
  const fan = fanOf(flow, run, step);
  if ('given' in map.items) fan.total ??= itemsGiven(flow, run, step);
  if ('step' in map.items && fan.total === null) {
    const list = flow.plan?.at.get(map.items.step) ?? -1;
    const why = flow.code(run, list) === SUCCEEDED ? `${map.items.step} gave no list` : null;
    endStep(state, flow, run, step, why === null ? CANCELLED : FAILED, why ?? `${map.items.step} gave no items`);
    return;
  }
  flow.steps[flow.key(run, step)] = RUNNING;
  fan.isStarted = true;
  for (const draft of fan.drafts) activate(state, flow, fan, draft);
  for (const item of fan.withCode(WAITING))
    if (fan.taskOf(item) === null && fan.payloads.at(item) !== null) makeReady(state, flow, fan, item);
  checkFan(state, flow, fan);
}

const itemsGiven = (flow: FlowState, run: number, step: number): number =>
  flow.header.maps?.find(([name, of]) => of === run && name === flow.plan?.steps[step]?.name)?.[2] ?? 0;

/**
 * A map that hands out nothing ends when it is judged to start, in a run that was halted too: nothing tells a new leader
 * whether it began before the halt. An open one is empty when it was closed so.
 */
export function isEmptyMap(flow: FlowState, run: number, step: number): boolean {
  const items = mapOf(flow, step)?.items;
  if (items === undefined) return false;
  const total = flow.fans?.get(flow.key(run, step))?.total ?? null;
  if ('open' in items) return total === 0;
  return (total ?? ('given' in items ? itemsGiven(flow, run, step) : 0)) === 0;
}

function activate(state: BookState, flow: FlowState, fan: Fan, draft: KnownBatch): void {
  if (draft.isOut) return;
  const from = draft.entries[0]?.item ?? 0;
  let isUnfinished = false;
  for (const place of fan.places.within(from, from + draft.count)) {
    if (place.batch !== draft.id) continue;
    for (let item = place.from; item < place.to; item++) {
      if (isOver(fan.code(item))) continue;
      fan.set(item, RUNNING);
      isUnfinished = true;
    }
  }
  if (state.isQuiet) return;
  draft.isOut = true;
  draft.isActive = true;
  flow.tasks += draft.count;
  if (isUnfinished) state.activations.add(draft);
}

function makeReady(state: BookState, flow: FlowState, fan: Fan, item: number): void {
  fan.set(item, READY);
  const { run, step } = fan;
  if (!state.isQuiet) state.ready.push({ flow, run, step, item, generation: flow.generationOf(run, step) });
}

/** The reduce begins, or goes on: a task is ready when all that it reads has ended. */
export function startReduce(state: BookState, flow: FlowState, run: number, step: number): void {
  const reduce = reduceOf(flow, step);
  if (reduce === null) return;
  const fan = fanOf(flow, run, step);
  fan.total ??= reduceTasks(itemsOf(flow, run, reduce), reduce.arity);
  fan.isStarted = true;
  flow.steps[flow.key(run, step)] = RUNNING;
  for (let task = 0; task < fan.total; task++) startPart(state, flow, fan, reduce, task);
  checkFan(state, flow, fan);
}

/** Items of the map that a reduce goes over, which has ended; one that was skipped has none, whatever was given for it. */
export function itemsOf(flow: FlowState, run: number, { over }: ReduceStep): number {
  const map = flow.plan?.at.get(over) ?? -1;
  return flow.code(run, map) === SKIPPED ? 0 : (fanOf(flow, run, map).total ?? 0);
}

function startPart(state: BookState, flow: FlowState, fan: Fan, reduce: ReduceStep, task: number): void {
  if (fan.code(task) !== WAITING || fan.taskOf(task) !== null) return;
  const { level, from, to } = reducePlace(itemsOf(flow, fan.run, reduce), reduce.arity, task);
  if (level > 0) for (let below = from; below < to; below++) if (fan.code(below) !== SUCCEEDED) return;
  makeReady(state, flow, fan, task);
}

/** The task that reads what this one gives; null: this is the last. */
function above(total: number, arity: number, task: number): number | null {
  let first = 0;
  for (const count of reduceLevels(total, arity)) {
    if (task < first + count) return count === 1 ? null : first + count + Math.floor((task - first) / arity);
    first += count;
  }
  return null;
}

/** A task of it has ended. */
export function endItem(state: BookState, flow: FlowState, fan: Fan, item: number, code: number): void {
  fan.set(item, code);
  const reduce = reduceOf(flow, fan.step);
  if (reduce !== null && code === SUCCEEDED) {
    const next = above(itemsOf(flow, fan.run, reduce), reduce.arity, item);
    if (next !== null) startPart(state, flow, fan, reduce, next);
  }
  checkFan(state, flow, fan);
}

/** So many items may fail; an open map is not judged before it is closed. */
export function tolerated(flow: FlowState, { step, total }: Fan): number {
  const tolerate = mapOf(flow, step)?.tolerate;
  if (tolerate === undefined) return 0;
  if ('items' in tolerate) return tolerate.items;
  return total === null ? Infinity : Math.floor((total * tolerate.percent) / 100);
}

export const isOpenMap = (flow: FlowState, step: number): boolean => {
  const items = mapOf(flow, step)?.items;
  return items !== undefined && 'open' in items;
};

/** Steps may wait for the first failure alone. */
function judgeEarly(state: BookState, flow: FlowState, { run, step }: Fan): void {
  for (const next of flow.plan?.steps[step]?.next ?? [])
    if (flow.code(run, next) === WAITING) state.work.push({ kind: 'judge', flow, run, step: next });
}

/** Ends the step when all has ended; cancels the rest as soon as it cannot succeed any more. */
export function checkFan(state: BookState, flow: FlowState, fan: Fan): void {
  if (!fan.isStarted || flow.code(fan.run, fan.step) !== RUNNING) return;
  const bad = fan.failed + fan.cancelled;
  const isLost = bad > tolerated(flow, fan);
  if (fan.failed > 0) judgeEarly(state, flow, fan);
  const halt = haltOf(flow, fan.run, fan.step);
  // Items that did not begin before the halt are no reason to cancel others.
  const isLostEarly = halt !== null && mayEnd(flow, halt) ? fan.failed > tolerated(flow, fan) : isLost;
  if (isLostEarly && !fan.isDecided && !isOpenMap(flow, fan.step)) {
    fan.isDecided = true;
    const name = flow.plan?.steps[fan.step]?.name ?? '';
    cancelFan(state, flow, fan, `${name} cannot succeed any more`, undefined);
  }
  if (fan.total === null || fan.done < fan.total) return;
  if (!isLost) endStep(state, flow, fan.run, fan.step, SUCCEEDED);
  else {
    const isCancelled = fan.failed === 0 || halt !== null;
    const why = `${fan.failed} of ${fan.total} failed`;
    endStep(state, flow, fan.run, fan.step, isCancelled ? CANCELLED : FAILED, isCancelled ? undefined : why);
  }
}

/** Its tasks that have not ended are cancelled; those that are not out yet at once. */
export function cancelFan(state: BookState, flow: FlowState, fan: Fan, reason: string, by: string | undefined): void {
  fan.isDecided = true;
  cancelUnnamed(flow, fan);
  if (!state.isQuiet) for (const task of runningOf(fan)) state.cancelTask(task, reason, by);
}

/**
 * Nothing new begins in it: tasks that no batch names yet are cancelled. So is a map whose items are all still where they were
 * written: nothing says that it has begun, so the next leader would not go on with it.
 */
export function keepBegun(state: BookState, flow: FlowState, fan: Fan, reason: string): void {
  cancelUnnamed(flow, fan);
  const isWritten = fan.drafts.length > 0 && fan.done === 0;
  if (isWritten && !state.isQuiet) state.cancelUnlessBegun(runningOf(fan), reason);
  state.work.push({ kind: 'fan', flow, fan });
}

function cancelUnnamed(flow: FlowState, fan: Fan): void {
  const isReduce = reduceOf(flow, fan.step) !== null;
  for (const item of fan.unfinished()) {
    const code = fan.code(item);
    const isNamed = code === RUNNING && fan.taskOf(item) !== null;
    if (!isNamed && (code === READY || (isReduce && code === WAITING))) fan.set(item, CANCELLED);
  }
}

function runningOf(fan: Fan): { batch: BatchId; index: number }[] {
  const running: { batch: BatchId; index: number }[] = [];
  for (const item of fan.unfinished()) {
    const task = fan.code(item) === RUNNING ? fan.taskOf(item) : null;
    if (task !== null) running.push(task);
  }
  return running;
}

/** A draft belongs to this map, if its writer was the one whose items count. */
export function takeDraft(state: BookState, flow: FlowState, draft: KnownBatch): void {
  const [entry] = draft.entries;
  const items = entry === undefined ? undefined : mapOf(flow, entry.step)?.items;
  if (entry === undefined || items === undefined || entry.run >= flow.count) {
    state.discards.add(draft);
    return;
  }
  flow.hold(draft);
  const fan = fanOf(flow, entry.run, entry.step);
  const by = draft.draft?.by ?? null;
  if ('step' in items && fan.before?.has(by ?? '') === true) return;
  if ('step' in items && (fan.by === null || (state.isFolding && fan.by !== by))) fan.waiting.push(draft);
  else if ('step' in items && fan.by !== by) discard(state, flow, draft);
  else if ('open' in items && fan.total !== null) discard(state, flow, draft);
  else adopt(state, flow, fan, draft);
}

export function discard(state: BookState, flow: FlowState, draft: KnownBatch): void {
  if (flow.batches?.delete(draft) === true) draft.holders--;
  state.discards.add(draft);
}

function adopt(state: BookState, flow: FlowState, fan: Fan, draft: KnownBatch): void {
  const [entry] = draft.entries;
  if (entry !== undefined && isOpenMap(flow, fan.step)) entry.item = fan.size;
  const from = entry?.item ?? 0;
  fan.drafts.push(draft);
  fan.payloads.set(from, from + draft.count, draft.id, 0);
  fan.places.set(from, from + draft.count, draft.id, 0);
  let hasEnded = false;
  for (let index = 0; index < draft.count; index++) {
    const code = draft.ends?.[index] ?? WAITING;
    if (isOver(code)) hasEnded = true;
    fan.set(from + index, code);
  }
  draft.ends = null;
  draft.isActive ||= hasEnded;
  if (!fan.isStarted) return;
  activate(state, flow, fan, draft);
  if (fan.isDecided) cancelFan(state, flow, fan, `${flow.plan?.steps[fan.step]?.name ?? ''} was cancelled`, undefined);
  checkFan(state, flow, fan);
}

/** The report of the step that gives the items was accepted: the drafts of its worker are the items. */
export function expanded(state: BookState, flow: FlowState, run: number, map: number, total: number, by: string): void {
  if (mapOf(flow, map) === null) return;
  const fan = fanOf(flow, run, map);
  if (fan.by === by) return;
  fan.by = by;
  fan.total = total;
  const { waiting } = fan;
  fan.waiting = [];
  for (const draft of waiting) {
    if (draft.draft?.by === by) adopt(state, flow, fan, draft);
    // A flow is folded by generations: it may belong to a later one.
    else if (state.isFolding) fan.waiting.push(draft);
    else discard(state, flow, draft);
  }
}

/** The step that gives the items has ended otherwise: nothing of what was written for it is an item. */
export function notExpanded(state: BookState, flow: FlowState, run: number, map: number): void {
  const fan = flow.fans?.get(flow.key(run, map));
  if (fan?.by !== null) return;
  for (const draft of fan.waiting) discard(state, flow, draft);
  fan.waiting = [];
}

/**
 * The note that closes an open map is durable: it has the items that were added before that, in the order of the ids of their
 * drafts. Undefined: nobody knows the order, and all that there are count.
 */
export function closeMap(state: BookState, flow: FlowState, open: Fan, order: bigint | undefined): void {
  const fan = new Fan(open.run, open.step);
  fan.closedBy = open.closedBy;
  fan.isStarted = open.isStarted;
  fan.isDecided = open.isDecided;
  flow.fans?.set(flow.key(open.run, open.step), fan);
  for (const draft of [...open.drafts].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const [entry] = draft.entries;
    if (entry === undefined) continue;
    if (order !== undefined && draft.order > order) discard(state, flow, draft);
    else move(open, fan, draft, entry);
  }
  fan.total = fan.size;
  checkFan(state, flow, fan);
}

function move(open: Fan, fan: Fan, draft: KnownBatch, entry: Entry): void {
  const before = entry.item ?? 0;
  const from = fan.size;
  entry.item = from;
  fan.drafts.push(draft);
  fan.payloads.set(from, from + draft.count, draft.id, 0);
  for (let i = 0; i < draft.count; i++) {
    const task = open.taskOf(before + i);
    if (task !== null) fan.places.set(from + i, from + i + 1, task.batch, task.index);
    fan.set(from + i, open.code(before + i));
  }
}
