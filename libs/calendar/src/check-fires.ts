import { InvalidArgumentError } from '@drover/core';
import { compile, pathOf, type CompileOptions } from './calendar.js';
import { toIso } from './text-times.js';
import type { When } from './when.js';

/**
 * For whoever sets a schedule: throws `InvalidArgumentError` if one of the entries has no nominal time after `after`
 * (an impossible date, exclusions of everything, `at` or `until` in the past), or cannot be compiled.
 */
export function checkFires(
  argument: string,
  when: readonly When[],
  { after, ...options }: CompileOptions & { after: number },
): void {
  for (const [index, entry] of when.entries()) {
    const path = pathOf(argument, when, index);
    if (compile([entry], options, path).next(after) !== null) continue;
    const [field, why] = reason(path, entry, options, after);
    throw new InvalidArgumentError(`${path}.${field}`, `${path}.${field}: never fires: ${why}`);
  }
}

function reason(path: string, entry: When, options: CompileOptions, after: number): [field: string, why: string] {
  const { except, until, ...unbounded } = entry;
  const fires = (entry: When): boolean => compile([entry], options, path).next(after) !== null;
  if ('at' in entry && Date.parse(entry.at) <= after) return ['at', `${entry.at} is past`];
  if (until !== undefined && Date.parse(until) <= after) return ['until', `${until} is past`];
  if (!fires(unbounded)) return ['cron' in entry ? 'cron' : 'at', noTime(entry, after)];
  if (until !== undefined && !fires({ ...unbounded, until })) return ['until', `its first time is not before ${until}`];
  return ['except', `exclusions leave none of its times in ten years: ${JSON.stringify(except)}`];
}

/** Only a pattern, or `at` before `from` or far away, has no time without bounds and exclusions. */
function noTime(entry: When, after: number): string {
  const given = JSON.stringify('cron' in entry ? entry.cron : 'at' in entry ? entry.at : entry);
  return `no time of ${given} in the ten years after ${entry.from ?? toIso(after)}`;
}
