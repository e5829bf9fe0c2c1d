import { InvalidArgumentError } from '../errors.js';
import { NAME_PATTERN } from '../limits.js';

/** Labels that every worker has, whatever it is told. */
export const BUILT_IN_LABELS = ['name', 'host', 'os', 'arch', 'node', 'version', 'pool'] as const;
const MOST_CHARS = 256;

/** A label as a handler sets it; `null` as its value takes it back. Throws `InvalidArgumentError`. */
export function assertLabel(name: unknown, value: unknown): void {
  if (typeof name !== 'string' || !NAME_PATTERN.test(name))
    throw new InvalidArgumentError('label', name, 'a name of letters, digits, dots, dashes and underscores');
  if ((BUILT_IN_LABELS as readonly string[]).includes(name))
    throw new InvalidArgumentError('label', name, `another name: ${BUILT_IN_LABELS.join(', ')} follow from the worker`);
  if (value !== null && (typeof value !== 'string' || value.length > MOST_CHARS))
    throw new InvalidArgumentError(`label '${name}'`, value, `text of ${MOST_CHARS} characters at most, or null`);
}
