import { RecordError } from '@drover/core';
import { reducePlace, referencesIn, resolve, type ReduceStep, type Template } from '@drover/flow';
import { flowPath, type OfRecord } from '@drover/protocol';

/** A task of a batch of steps: the run, and for a map or a reduce the item. */
export interface StepTask {
  readonly run: number;
  readonly item: number | null;
}

/** The tasks of an entry of `of` begin at the index `first` of the batch. */
export function stepTask({ runs, items }: Pick<OfRecord, 'runs' | 'items'>, first: number, index: number): StepTask {
  if (items !== undefined) return { run: runs[0], item: items[0] + index - first };
  return { run: runs[0] + index - first, item: null };
}

/** Steps whose results a template refers to. */
export function stepsReferredTo(template: Template): Set<string> {
  const steps = new Set<string>();
  for (const reference of referencesIn(template)) if (reference.kind === 'step') steps.add(reference.step);
  return steps;
}

/** Maps whose results the handler of the step may read. */
export function listsReferredTo(template: Template): string[] {
  const steps = new Set<string>();
  for (const reference of referencesIn(template)) if (reference.kind === 'items') steps.add(reference.step);
  return [...steps];
}

/** The payload of a step, as JSON. `results`: of the run, by step. */
export function taskPayload(
  template: Template,
  input: string | undefined,
  results: ReadonlyMap<string, unknown>,
  outcome: unknown,
): string {
  const sources = { input: JSON.parse(input ?? 'null') as unknown, result: (step: string) => results.get(step) };
  return JSON.stringify(resolve(template, { ...sources, outcome }) ?? null);
}

/** The positions that a task of a reduce reads: items of the map, or tasks of the same reduce. Throws `RecordError`. */
export function reduceReads(
  step: ReduceStep,
  name: string,
  { flow, total }: Pick<OfRecord, 'flow' | 'total'>,
  item: number | null,
): { of: string; from: number; to: number; level: number; chunk: number } {
  if (total === undefined || item === null)
    throw new RecordError(flowPath(flow), `a task of the reduce '${name}' does not say which, or of how many items`);
  try {
    const { level, chunk, from, to } = reducePlace(total, step.arity, item);
    return { of: level === 0 ? step.over : name, from, to, level, chunk };
  } catch (error) {
    throw new RecordError(flowPath(flow), `the reduce '${name}' has no task ${item}`, { cause: error });
  }
}
