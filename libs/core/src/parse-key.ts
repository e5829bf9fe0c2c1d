import { InvalidArgumentError } from './errors.js';
import { LIMITS } from './limits.js';
import { isWellFormed } from './names.js';

/** Text of 1 to 512 characters, as JavaScript counts them. Throws `InvalidArgumentError`. */
export function parseKey(argument: string, given: unknown): string {
  if (typeof given !== 'string' || given.length === 0 || given.length > LIMITS.keyLength)
    throw new InvalidArgumentError(argument, given, `text of 1 to ${LIMITS.keyLength} characters`);
  if (isWellFormed(given)) return given;
  throw new InvalidArgumentError(argument, given, 'well-formed Unicode, without half a surrogate pair');
}
