import { checkFires, datesOf } from '@drover/calendar';
import { InvalidArgumentError, parseName } from '@drover/core';
import type { Flow } from '@drover/flow';
import { checkInput, withPlan } from './given-flow.js';
import { isFlowRun } from './run-spec.js';
import { parseSpec, type ScheduleSpec } from './spec.js';

export { parseDates } from '@drover/calendar';

/**
 * A schedule with its name, checked as the leader checks it, so that nothing is asked that would be refused. `entry` goes
 * before each message. `calendars`: the named ones that there are; `null` before they are known: then it is not checked that a
 * schedule which names one fires at all. `flow`: of which its fires start runs, if it was given and not named. Throws
 * `InvalidArgumentError`.
 */
export function checkedSpec(
  given: unknown,
  options: { entry: string; calendars: ReadonlyMap<string, readonly string[]> | null; now: number },
): { name: string; spec: ScheduleSpec; flow: Flow | null } {
  const { entry, calendars, now } = options;
  try {
    if (typeof given !== 'object' || given === null) throw new InvalidArgumentError('schedule', given, 'an object');
    const { given: stored, flow } = withPlan(given);
    const { name: givenName, ...rest } = stored as { name?: unknown };
    const name = parseName('name', givenName);
    const spec = parseSpec(rest);
    if (flow !== null && isFlowRun(spec.run)) checkInput(flow.plan, spec.run.input);
    if (calendars === null && JSON.stringify(spec.when).includes('"calendar"')) return { name, spec, flow };
    const compiled = new Map([...(calendars ?? [])].map(([calendar, dates]) => [calendar, datesOf(dates)]));
    checkFires('when', spec.when, { name, calendars: compiled, after: now });
    return { name, spec, flow };
  } catch (error) {
    if (!(error instanceof InvalidArgumentError) || entry === '') throw error;
    throw new InvalidArgumentError(error.argument, `${entry}${error.message}`);
  }
}
