import { InvalidArgumentError } from '@drover/core';
import type { MapStep, Path, Plan, Template } from '../plan.js';
import { follow, referenceOf, referencesIn, resolve } from '../references.js';

/** The parts of an input, as the plan of its run wants them. */
export interface PreparedRun {
  /** The input of the run: lists that are the items of one map and nothing else are taken out of it. */
  input: unknown;
  /** Items that were given, by step. */
  items: Map<string, Iterable<unknown> | AsyncIterable<unknown>>;
  /** Instants that steps wait for, by step: milliseconds since 1970. */
  times: Map<string, number>;
}

/**
 * Takes from an input what the plan says of it. `given`: items of maps that are not in the input, by step. Throws
 * `InvalidArgumentError` where something is missing or is not what it must be.
 */
export function prepareRun(
  plan: Plan,
  input: unknown,
  given: Readonly<Record<string, Iterable<unknown> | AsyncIterable<unknown>>> = {},
): PreparedRun {
  const run: PreparedRun = { input, items: new Map(), times: new Map() };
  for (const [name, step] of Object.entries(plan.steps)) {
    if (step.kind === 'map' && 'given' in step.items) takeItems(plan, run, name, step.items, given);
    if (step.kind === 'until' && typeof step.at === 'object')
      run.times.set(name, instantAt(name, run.input, step.at.given));
  }
  const other = Object.keys(given).find((name) => !run.items.has(name));
  if (other !== undefined)
    throw new InvalidArgumentError('items', other, `maps of the flow '${plan.name}' whose items are given`);
  return run;
}

function takeItems(
  plan: Plan,
  run: PreparedRun,
  name: string,
  { from }: Extract<MapStep['items'], { given: true }>,
  given: Readonly<Record<string, Iterable<unknown> | AsyncIterable<unknown>>>,
): void {
  const items =
    given[name] ?? (from === undefined ? undefined : resolve(from, { input: run.input, result: NO_RESULT }));
  const reference = from === undefined ? null : referenceOf(from);
  const at = reference?.kind === 'input' ? reference.at : null;
  if (!isIterable(items)) {
    const where = at === null ? `items.${name}` : ['input', ...at].join('.');
    throw new InvalidArgumentError(where, items, `a list, or an iterable, of the items of '${name}'`);
  }
  run.items.set(name, items);
  if (at !== null && given[name] === undefined && !isWantedElsewhere(plan, name, at))
    run.input = without(run.input, at);
}

/** Whether another step, or the result, refers to this part of the input, to a part of it, or to what it is in. */
function isWantedElsewhere(plan: Plan, map: string, at: Path): boolean {
  for (const [name, step] of Object.entries(plan.steps)) {
    if (name !== map && step.kind === 'map' && 'given' in step.items && refersTo(step.items.from, at)) return true;
    if (step.kind === 'task' && refersTo(step.input, at)) return true;
  }
  return refersTo(plan.output, at);
}

function refersTo(template: Template | undefined, at: Path): boolean {
  if (template === undefined) return false;
  for (const reference of referencesIn(template)) {
    if (reference.kind !== 'input') continue;
    const shared = Math.min(reference.at.length, at.length);
    if (reference.at.slice(0, shared).every((part, i) => part === at[i])) return true;
  }
  return false;
}

const NO_RESULT = (): undefined => undefined;

function isIterable(value: unknown): value is Iterable<unknown> | AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value);
}

function instantAt(name: string, input: unknown, at: Path): number {
  const value = follow(input, at);
  const ms = typeof value === 'string' || value instanceof Date ? new Date(value).getTime() : value;
  if (typeof ms === 'number' && Number.isFinite(ms)) return ms;
  const expected = `the instant at which '${name}' ends, such as 2026-11-28T09:00:00Z`;
  throw new InvalidArgumentError(`input.${at.join('.')}`, value, expected);
}

/** A copy along the path; what was there is `null`. */
function without(input: unknown, at: Path): unknown {
  const [key, ...rest] = at;
  if (key === undefined) return null;
  const copy = Array.isArray(input) ? [...(input as unknown[])] : { ...(input as object) };
  const inner = copy as Record<string | number, unknown>;
  inner[key] = without(inner[key], rest);
  return copy;
}
