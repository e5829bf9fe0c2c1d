import type { CompileOptions } from './calendar.js';
import type { When } from './when.js';

/**
 * `given` (an entry or a list of 1 to 20) checked and as it is stored. `argument` names it in the error, for example
 * `when`. Throws `InvalidArgumentError`, which names the entry and its field, what was given and what is expected.
 */
export declare function parseWhen(argument: string, given: unknown): When[];

/**
 * For whoever sets a schedule: throws `InvalidArgumentError` if one of the entries has no nominal time after `after`
 * (an impossible date, exclusions of everything, `at` or `until` in the past), or cannot be compiled.
 */
export declare function checkFires(
  argument: string,
  when: readonly When[],
  options: CompileOptions & { after: number },
): void;
