import { InvalidArgumentError } from './errors.js';
import { nearest } from './nearest.js';

/**
 * Refuses a value that is no object, and an object with names that are not among `known`: a misspelt option must not be
 * ignored. `argument` names the object in the error and in `error.argument`; empty: the call's own options. Throws
 * `InvalidArgumentError`: `unknown option "maxAttempt"; did you mean "maxAttempts"?`.
 */
export function checkOptions(given: unknown, known: readonly string[], argument = ''): asserts given is object {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new InvalidArgumentError(argument === '' ? 'options' : argument, given, 'an object');
  for (const name in given) if (!known.includes(name)) throw unknownOption(name, known, argument);
}

/** One of `names`. Throws `InvalidArgumentError` that lists them. */
export function oneOf<Name extends string>(argument: string, given: unknown, names: readonly Name[]): Name {
  if ((names as readonly unknown[]).includes(given)) return given as Name;
  throw new InvalidArgumentError(argument, given, `one of ${names.join(', ')}`);
}

function unknownOption(name: string, known: readonly string[], argument: string): InvalidArgumentError {
  const near = nearest(name, known);
  const hint = near === null ? `expected one of ${known.join(', ')}` : `did you mean ${JSON.stringify(near)}?`;
  const [where, path] = argument === '' ? ['', name] : [`${argument}: `, `${argument}.${name}`];
  return new InvalidArgumentError(path, `${where}unknown option ${JSON.stringify(name)}; ${hint}`);
}
