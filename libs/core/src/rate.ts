import { parseDuration } from './duration.js';
import { InvalidArgumentError } from './errors.js';

/** So many in so long: at most `count` begin in any stretch of `perMs`. */
export interface Rate {
  readonly count: number;
  readonly perMs: number;
}

export const MOST_IN_RATE = 1_000_000;

/** `100/1s`, `5/m`: a whole number, a slash, a duration (its number may be left out). Throws `InvalidArgumentError`. */
export function parseRate(argument: string, given: unknown): Rate {
  const match = typeof given === 'string' ? /^(\d{1,7})\/(\d*\.?\d*\s*[a-z]+)$/.exec(given.trim()) : null;
  const count = Number(match?.[1]);
  if (match?.[2] === undefined || count < 1 || count > MOST_IN_RATE) throw wrong(argument, given);
  const perMs = parseDuration(argument, /^\d/.test(match[2]) ? match[2] : `1${match[2]}`);
  if (perMs < 1) throw wrong(argument, given);
  return { count, perMs };
}

const wrong = (argument: string, given: unknown): InvalidArgumentError =>
  new InvalidArgumentError(argument, given, 'a number from 1 to 1,000,000 and a time, such as 100/1s or 5/m');
