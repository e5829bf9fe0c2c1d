import { InvalidArgumentError } from '../errors.js';

/** soft: rather so, and otherwise where there is room · hard: a task waits rather than go elsewhere. */
export type SoftOrHard = 'soft' | 'hard';

/** Default `soft`. Throws `InvalidArgumentError`. */
export function parseSoftOrHard(argument: string, given: unknown): SoftOrHard {
  if (given === undefined || given === 'soft' || given === 'hard') return given ?? 'soft';
  throw new InvalidArgumentError(argument, given, "'soft' or 'hard'");
}
