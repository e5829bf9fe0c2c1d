import type { RunName } from './model.js';

/** The name of the limit of a map with `concurrency`. No limit of a user begins with `~`. */
export const concurrencyLimitName = (plan: string, step: string): string => `~${plan}.${step}`;

/** The reference to that limit which the tasks of the items of one run have: it counts each run by itself. */
export const concurrencyLimit = (plan: string, step: string, { flow, run }: RunName): string =>
  `${concurrencyLimitName(plan, step)}/${flow}.${run}`;
