import { createHash } from 'node:crypto';
import { ApiError } from '../api-error.js';

/**
 * The place of a page in a list, as text that callers hand back: base64url of `[version, of which list, where]`. It stays good
 * while the list changes; another list, order or filter refuses it.
 */
const VERSION = 1;
const LONGEST = 1_024;

/** `list`: what makes the list another one, such as its filter. */
export function cursorOf(list: readonly unknown[], where: readonly (string | number | null)[]): string {
  return Buffer.from(JSON.stringify([VERSION, digest(list), ...where])).toString('base64url');
}

/** The place; null: no cursor was given. Throws `ApiError` `invalid-cursor`. */
export function readCursor(
  given: string | undefined,
  list: readonly unknown[],
): readonly (string | number | null)[] | null {
  if (given === undefined) return null;
  const [version, of, ...where] = parsed(given);
  if (version !== VERSION) throw refused('it is damaged, or of another release');
  if (of !== digest(list)) throw refused('it belongs to a list with another filter, order or view');
  return where;
}

type Place = string | number | null;

function parsed(given: string): Place[] {
  if (given.length > LONGEST || !/^[A-Za-z0-9_-]+$/.test(given)) throw refused('it is damaged');
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(given, 'base64url').toString('utf8'));
  } catch {
    throw refused('it is damaged');
  }
  if (!Array.isArray(value) || !value.every(isPlace)) throw refused('it is damaged');
  return value;
}

const isPlace = (value: unknown): value is Place =>
  value === null ||
  typeof value === 'string' ||
  (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0);

const refused = (why: string): ApiError =>
  new ApiError('invalid-cursor', `the cursor cannot be used: ${why}; begin the list anew, without a cursor`);

const digest = (list: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(list)).digest('base64url').slice(0, 12);
