import {
  checkOptions,
  InvalidArgumentError,
  parseTask,
  sameOptions,
  TASK_OPTION_NAMES,
  type SubmitOptions,
  type TaskOptions,
} from '@drover/core';

const NO_OPTIONS: SubmitOptions = Object.freeze({});
const OPTIONS: ReadonlySet<string> = new Set(TASK_OPTION_NAMES);
/** Options that handlers give their tasks, by type: of clients that were given the handlers. */
export type HandlerDefaults = ReadonlyMap<string, Pick<TaskOptions, 'resources' | 'where'>>;
const NO_HANDLERS: HandlerDefaults = new Map();
type Given = Partial<Record<string, unknown>>;

/** The options of the last task, as given and as resolved. */
interface Last {
  type: unknown;
  given: Given;
  count: number;
  resolved: { queue: string; options: TaskOptions };
}

/**
 * Checks the options of a submit. `defaults` gives those that `given` leaves out. Throws `InvalidArgumentError`.
 *
 * Consecutive tasks mostly have the same options: these are not checked again, and the tasks share one object, which
 * saves memory and makes comparing quick.
 */
export class OptionsResolver {
  readonly #defaults: Given;
  readonly #ofHandlers: HandlerDefaults;
  #last: Last | null = null;

  /** `ofHandlers`: where neither a task nor `defaults` says otherwise. */
  constructor(defaults: SubmitOptions = NO_OPTIONS, ofHandlers: HandlerDefaults = NO_HANDLERS) {
    checkOptions(defaults, TASK_OPTION_NAMES);
    // Not the caller's object, which may change.
    this.#defaults = { ...defaults };
    this.#ofHandlers = ofHandlers;
  }

  /** `names`: the options that `given` may have. */
  resolve(
    type: unknown,
    given: SubmitOptions = NO_OPTIONS,
    names: readonly string[] = TASK_OPTION_NAMES,
  ): Last['resolved'] {
    const last = this.#last;
    if (last !== null && last.type === type && isGivenAlike(last, given, names)) return last.resolved;
    if (given !== NO_OPTIONS) checkOptions(given, names);
    const resolved = this.#filled(parseTask(type, given, this.#defaults));
    if (last !== null && sameOptions(last.resolved.options, resolved.options)) resolved.options = last.resolved.options;
    this.#last = { type, given: copyOf(given), count: countOptions(given), resolved };
    return resolved;
  }

  #filled(resolved: Last['resolved']): Last['resolved'] {
    const defaults = this.#ofHandlers.get(resolved.options.type);
    if (defaults === undefined) return resolved;
    const { options } = resolved;
    const [resources, where] = [options.resources ?? defaults.resources, options.where ?? defaults.where];
    return { ...resolved, options: { ...options, resources, where } };
  }
}

function countOptions(given: Given): number {
  let count = 0;
  for (const name in given) if (OPTIONS.has(name) && isGiven(given[name])) count++;
  return count;
}

function copyOf(given: Given): Given {
  const copy: Given = { ...given };
  for (const name in copy) if (Array.isArray(copy[name])) copy[name] = [...(copy[name] as unknown[])];
  return copy;
}

/** A list (of names of limits, of ids) is compared with its copy, item by item. */
function isAlike(last: unknown, value: unknown): boolean {
  if (!Array.isArray(value)) return last === value && typeof value !== 'object';
  if (!Array.isArray(last) || last.length !== value.length) return false;
  // Not `every`: it passes over holes.
  for (const [n, item] of value.entries()) if (last[n] !== item || typeof item === 'object') return false;
  return true;
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

/**
 * Only by the names that are there: this is asked for each of a million tasks. An object may be changed by its owner
 * between two submits: it is like no other, not even like itself.
 */
function isGivenAlike(last: Last, given: Given | null, names: readonly string[]): boolean {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return false;
  let count = 0;
  for (const name in given) {
    if (!OPTIONS.has(name)) {
      if (names.includes(name)) continue;
      return false;
    }
    const value = given[name];
    if (!isGiven(value)) continue;
    if (!isAlike(last.given[name], value)) return false;
    count++;
  }
  return count === last.count;
}

/** Throws `InvalidArgumentError`. */
export function checkSignal(signal: unknown): void {
  if (signal === undefined || signal === null || signal instanceof AbortSignal) return;
  throw new InvalidArgumentError('signal', signal, 'an AbortSignal');
}
