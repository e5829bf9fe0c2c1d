import { InvalidArgumentError } from './errors.js';
import { NAME_PATTERN, TYPE_PATTERN } from './limits.js';

const NAME = 'a name of letters, digits, ".", "_" and "-", at most 128 characters, beginning with a letter or digit';
const TYPE = 'a task type of letters, digits, ".", "_", ":", "/" and "-", at most 128 characters';

/** The name of a queue, a worker or a scheduler. Throws `InvalidArgumentError`. */
export function parseName(argument: string, given: unknown): string {
  if (typeof given === 'string' && NAME_PATTERN.test(given)) return given;
  throw new InvalidArgumentError(argument, given, NAME);
}

/** Throws `InvalidArgumentError`. */
export function parseType(given: unknown): string {
  if (typeof given === 'string' && TYPE_PATTERN.test(given)) return given;
  throw new InvalidArgumentError('type', given, TYPE);
}

/**
 * Like `String.prototype.isWellFormed`. Half a surrogate pair has no UTF-8, so two such texts can become the same
 * bytes.
 */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}
