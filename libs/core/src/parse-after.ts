import { InvalidArgumentError } from './errors.js';
import { localTask, type TaskId } from './ids.js';
import { LIMITS } from './limits.js';
import type { Shape } from './shapes.js';

/**
 * How the other tasks must have ended that a task waits for: all of them well, or all of them in whatever way (then none
 * of them can end it).
 */
export const AFTER_MODES = ['succeeded', 'ended'] as const;
export type AfterMode = (typeof AFTER_MODES)[number];

/** Ids of the tasks that a task waits for, or one id alone. */
export type AfterOption = TaskId | readonly TaskId[];

export const AFTER_SHAPE: Shape = { kind: 'list', of: { kind: 'text' }, most: LIMITS.dependencies };

/** Each once, in their order; none: null. Throws `InvalidArgumentError`, and `UnknownCellError` for an id of a cell. */
export function parseAfter(argument: string, given: unknown): readonly TaskId[] | null {
  const ids: readonly unknown[] = Array.isArray(given) ? given : [given];
  const most = LIMITS.dependencies;
  if (ids.length > most) throw new InvalidArgumentError(argument, `${ids.length} tasks`, `at most ${most}`);
  for (const id of ids)
    if (typeof id !== 'string' || localTask(id) === null)
      throw new InvalidArgumentError(argument, id, 'an id such as 01JD3V8R2MZ6K4Q7T9XBYC5HNA.0, or a list of them');
  return ids.length === 0 ? null : [...new Set(ids as readonly TaskId[])];
}

/** Throws `InvalidArgumentError`. */
export function parseAfterMode(argument: string, given: unknown): AfterMode {
  const mode = AFTER_MODES.find((known) => known === given);
  if (mode !== undefined) return mode;
  throw new InvalidArgumentError(argument, given, AFTER_MODES.map((known) => `'${known}'`).join(' or '));
}

/** `ID,ID` of a command line. */
export const afterFromText = (text: string): readonly string[] => text.split(',').map((id) => id.trim());

export function sameAfter(a: readonly TaskId[] | null, b: readonly TaskId[] | null): boolean {
  if (a === null || b === null) return a === b;
  return a === b || (a.length === b.length && a.every((id, at) => id === b[at]));
}
