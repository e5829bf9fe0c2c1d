import { parseTaskId, taskId } from '@drover/core';
import { becomeRun } from './drain.js';
import { CANCELLED, FAILED, HELD, isOver, READY, RUNNING, SKIPPED, SUCCEEDED, WAITING } from './codes.js';
import { endStep } from './ends.js';
import { endItem, expanded, notExpanded } from './fans.js';
import type { FlowState } from './flow-state.js';
import { entryOf, itemOf, runOf, type Entry, type KnownBatch } from './known-batch.js';
import type { ReportFact, TaskEnded } from './model.js';
import type { BookState } from './state.js';

export const CODES: Readonly<Record<Exclude<TaskEnded, 'again' | 'gone'>, number>> = {
  succeeded: SUCCEEDED,
  failed: FAILED,
  cancelled: CANCELLED,
};

/** The task at `index` has ended, in a flow that is folded. */
export function endTask(state: BookState, entry: Entry, index: number, ended: TaskEnded): void {
  const { flow, step } = entry;
  const run = runOf(entry, index);
  if (flow === null || ended === 'again' || flow.generationOf(run, step) < entry.generation) return;
  const item = itemOf(entry, index);
  if (item !== null) endItemTask(state, flow, entry, run, item, index, ended);
  else if (flow.generationOf(run, step) === entry.generation && flow.code(run, step) === RUNNING)
    endStepTask(state, flow, entry, run, index, ended);
}

function endItemTask(
  state: BookState,
  flow: FlowState,
  entry: Entry,
  run: number,
  item: number,
  index: number,
  ended: TaskEnded,
): void {
  const fan = flow.fans?.get(flow.key(run, entry.step)) ?? null;
  const task = fan?.taskOf(item);
  // Another batch has it since a retry.
  if (fan === null || task?.batch !== entry.batch.id || task.index !== index) return;
  const code = fan.code(item);
  if (code !== RUNNING && code !== WAITING) return;
  if (ended !== 'gone') endItem(state, flow, fan, item, CODES[ended === 'again' ? 'failed' : ended]);
  else if (entry.batch.draft !== null) endItem(state, flow, fan, item, CANCELLED);
  else {
    fan.places.clear(item, item + 1);
    fan.set(item, READY);
    state.ready.push({ flow, run, step: entry.step, item, generation: entry.generation });
  }
}

function endStepTask(
  state: BookState,
  flow: FlowState,
  entry: Entry,
  run: number,
  index: number,
  ended: TaskEnded,
): void {
  const { step, batch } = entry;
  const of = flow.plan?.steps[step]?.step;
  const expand = of?.kind === 'task' && of.expand !== undefined ? (flow.plan?.at.get(of.expand) ?? -1) : -1;
  if (ended === 'gone') {
    flow.steps[flow.key(run, step)] = READY;
    state.ready.push({ flow, run, step, item: null, generation: entry.generation });
    return;
  }
  const child = flow.becomes?.get(flow.key(run, step));
  dropChildren(state, taskId(batch.id, index), child);
  if (ended === 'succeeded' && batch.skipped?.delete(index) === true)
    endStep(state, flow, run, step, SKIPPED, 'it skipped itself');
  else if (ended === 'succeeded' && child !== undefined) state.work.push({ kind: 'child', id: child });
  else endStep(state, flow, run, step, CODES[ended === 'again' ? 'failed' : ended]);
  if (expand >= 0) notExpanded(state, flow, run, expand);
}

/** Runs that attempts wrote whose reports were not accepted. */
function dropChildren(state: BookState, task: string, but: string | undefined): void {
  for (const child of state.children.get(task) ?? []) if (child.id !== but) state.orphaned.add(child);
  state.children.delete(task);
}

/** The task that wrote the run has ended, and no accepted report names it: one that was read after the end, or by the next leader. */
export function dropUnnamed(state: BookState, child: FlowState): void {
  const task = parseTaskId(child.header.parent ?? '');
  const batch = task === null ? undefined : state.batches.get(task.batch);
  const entry = task === null || batch === undefined ? null : entryOf(batch, task.index);
  const flow = entry?.flow ?? null;
  if (task === null || entry === null || flow === null || child.runs[0] !== HELD || state.parents.has(child.id)) return;
  const { step, generation } = entry;
  const run = runOf(entry, task.index);
  const isAgain = flow.generationOf(run, step) > generation;
  if (isAgain || isOver(flow.code(run, step)) || flow.becomes?.has(flow.key(run, step)) === true)
    state.orphaned.add(child);
}

/** Says of tasks how they end, before they do. */
export function applyReport(
  state: BookState,
  batch: KnownBatch,
  report: ReportFact,
  of: (entry: Entry, run: number) => boolean,
): void {
  const each = (index: number, then: (flow: FlowState, run: number, step: number) => void): void => {
    const entry = entryOf(batch, index);
    const flow = entry?.flow ?? null;
    if (entry === null || flow === null) return;
    const run = runOf(entry, index);
    if (of(entry, run)) then(flow, run, entry.step);
  };
  for (const [from, to, label] of report.labels ?? [])
    for (let index = from; index < to; index++)
      each(index, (flow, run, step) => {
        flow.setLabel(run, step, label);
      });
  for (const [from, to] of report.skipped ?? [])
    for (let index = from; index < to; index++)
      each(index, () => {
        (batch.skipped ??= new Set()).add(index);
      });
  for (const [index, items] of report.expanded ?? [])
    each(index, (flow, run, step) => {
      const task = flow.plan?.steps[step]?.step;
      const map = task?.kind === 'task' && task.expand !== undefined ? flow.plan?.at.get(task.expand) : undefined;
      if (map !== undefined) expanded(state, flow, run, map, items, report.by);
    });
  for (const [index, id] of report.becomes ?? [])
    each(index, (flow, run, step) => {
      becomeRun(state, flow, run, step, id.slice(0, id.lastIndexOf('.')));
    });
}
