import type { ShownState } from '../states.js';
import type { Filter, FilterTerm, NumberValue, TextValue, TimeValue } from './fields.js';

/** The part of a task that filters look at. `null` and absent match no value of a field. */
export interface FilterTarget {
  id: string;
  type: string;
  queue: string;
  state: ShownState;
  worker: string | null;
  key: string | null;
  attempt: number;
  /** Milliseconds since 1970. */
  submittedAt: number;
  error?: { name: string; message: string } | undefined;
}

/** Whether every term holds. `now`: milliseconds since 1970. Pure. */
export function matchesFilter(filter: Filter, task: FilterTarget, now: number): boolean {
  return filter.every((term) => holds(term, task, now) !== term.negated);
}

function holds(term: FilterTerm, task: FilterTarget, now: number): boolean {
  switch (term.field) {
    case 'attempt':
      return term.values.some((value) => compares(task.attempt, value));
    case 'since':
      return term.values.some((value) => task.submittedAt >= instantOf(value, now));
    case 'until':
      return term.values.some((value) => task.submittedAt < instantOf(value, now));
    case 'error':
      return mentions(task.error, term.values);
    case 'batch':
      return isOneOf(task.id.slice(0, task.id.indexOf('.')), term.values);
    case 'state':
    case 'queue':
    case 'type':
    case 'worker':
    case 'key':
    case 'id':
      return isOneOf(task[term.field], term.values);
  }
}

function isOneOf(given: string | null, values: readonly TextValue[]): boolean {
  return given !== null && values.some(({ text, prefix }) => (prefix ? given.startsWith(text) : given === text));
}

function mentions(error: FilterTarget['error'], values: readonly TextValue[]): boolean {
  if (error === undefined) return false;
  const said = `${error.name}: ${error.message}`.toLowerCase();
  return values.some(({ text }) => said.includes(text.toLowerCase()));
}

function compares(given: number, { operator, number }: NumberValue): boolean {
  switch (operator) {
    case '=':
      return given === number;
    case '>':
      return given > number;
    case '>=':
      return given >= number;
    case '<':
      return given < number;
    case '<=':
      return given <= number;
  }
}

/** Milliseconds since 1970. */
export function instantOf(value: TimeValue, now: number): number {
  return 'at' in value ? value.at : now - value.agoMs;
}

/**
 * The exact values that a field must have one of for a task to match; `null`: the filter does not say. A reader need
 * not look at tasks with other values. Pure.
 */
export function valuesOf(
  filter: Filter,
  field: 'state' | 'queue' | 'type' | 'worker' | 'key' | 'batch' | 'id',
): ReadonlySet<string> | null {
  const named = filter.flatMap((term) =>
    term.field === field && !term.negated && !term.values.some(({ prefix }) => prefix)
      ? [new Set(term.values.map(({ text }) => text))]
      : [],
  );
  const [first, ...others] = named;
  if (first === undefined) return null;
  return new Set([...first].filter((text) => others.every((texts) => texts.has(text))));
}
