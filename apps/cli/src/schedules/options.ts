import type { ScheduleInput } from '@drover/client';
import { flagOf, parseName, TASK_OPTIONS, TASK_OPTION_NAMES, toFlag } from '@drover/core';
import type { Options } from 'yargs';
import { joinedArg, listArg, textArg, type Environment } from '../command.js';
import { UsageError } from '../failure.js';

export const SCHEDULE_NAME = { name: { type: 'string', describe: 'Name of the schedule' } } as const;

/** The positional. Throws `InvalidArgumentError`: what is wrong is told before anything is connected. */
export const nameArg = (args: Environment['args']): string => parseName('name', textArg(args, 'name') ?? '');

const text = (describe: string): Options => ({ type: 'string', requiresArg: true, describe });
const list = (describe: string): Options => ({ type: 'array', string: true, requiresArg: true, describe });

/** When: the same for `set` and `preview`. */
export const WHEN_OPTIONS: Record<string, Options> = {
  cron: list("Cron pattern, e.g. '30 2 * * MON-FRI' or 'H 4 * * *'; may be repeated"),
  every: list('Interval on the clock, e.g. 15m; may be repeated'),
  'every-after': text('Interval from the end of the last fire, e.g. 5m'),
  at: list('Instant, once, e.g. 2026-12-24T18:00:00Z; may be repeated'),
  tz: { ...text('IANA time zone, e.g. Europe/Berlin'), defaultDescription: 'UTC' },
  dst: { type: 'string', choices: ['once', 'literal'], describe: 'Fire once a day, or as the wall clock shows' },
  except: list('Exclude a date, a range of dates, hours (22:00-06:00) or a cron pattern; may be repeated'),
  'except-calendar': list('Exclude the dates of a calendar; may be repeated'),
  from: text('Not before this instant'),
  until: text('Not at or after this instant'),
  'max-fires': text('End after so many fires'),
  spread: text('Delay each fire by a part of this, constant for a schedule, e.g. 10m'),
  jitter: text('Delay each fire by a part of this, different each time, e.g. 30s'),
};

const RUN_OPTIONS = TASK_OPTION_NAMES.filter((name) => name !== 'key' && name !== 'unique' && name !== 'delay');
export const RUN_FLAGS: Record<string, Options> = Object.fromEntries(
  RUN_OPTIONS.map((name) => {
    const { describe, repeats }: { describe: string; repeats?: true } = TASK_OPTIONS[name].flag;
    return [flagOf(name), repeats === true ? list(describe) : text(describe)];
  }),
);

/** The options that were given, as the client takes them. Throws `UsageError`. */
export function whenOf(args: Environment['args']): ScheduleInput['when'] {
  const dates = listArg(args, 'except');
  const calendars = listArg(args, 'exceptCalendar').map((calendar) => ({ calendar }));
  const except = [...dates, ...calendars];
  const maxFires = numberArg(args, 'maxFires');
  const shared = {
    ...given('tz', textArg(args, 'tz')),
    ...given('dst', textArg(args, 'dst')),
    ...(except.length === 0 ? {} : { except }),
    ...given('from', textArg(args, 'from')),
    ...given('until', textArg(args, 'until')),
    ...given('maxFires', maxFires),
  };
  const after = textArg(args, 'everyAfter');
  const entries = [
    ...listArg(args, 'cron').map((cron) => ({ cron })),
    ...listArg(args, 'every').map((every) => ({ every })),
    ...(after === undefined ? [] : [{ everyAfter: after }]),
    ...listArg(args, 'at').map((at) => ({ at })),
  ];
  if (entries.length === 0) throw new UsageError('when? give --cron, --every, --every-after or --at');
  return entries.map((entry) => ({ ...entry, ...shared })) as ScheduleInput['when'];
}

/** The task of each fire. Throws `UsageError`. */
export function runOf(args: Environment['args']): ScheduleInput['run'] {
  const type = textArg(args, 'type');
  if (type === undefined) throw new UsageError('missing --type: the type of the task that each fire makes');
  const payload = textArg(args, 'payload');
  const run: Record<string, unknown> = { type };
  if (payload !== undefined) run.payload = jsonOf('--payload', payload);
  for (const name of RUN_OPTIONS) {
    const value = joinedArg(args, flagOf(name) === toFlag(name) ? name : flagOf(name));
    if (value === undefined) continue;
    const { fromText } = TASK_OPTIONS[name].flag as { fromText?: (value: string) => unknown };
    run[name] = fromText === undefined ? value : fromText(value);
  }
  return run as ScheduleInput['run'];
}

export function jsonOf(what: string, given: string): unknown {
  try {
    return JSON.parse(given);
  } catch (error) {
    throw new UsageError(`${what}: expected JSON (${(error as Error).message})`);
  }
}

/** `--label team=bi`, repeated. Throws `UsageError`. */
export function labelsOf(args: Environment['args'], name = 'label'): Record<string, string> | undefined {
  const pairs = listArg(args, name);
  if (pairs.length === 0) return undefined;
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new UsageError(`--${name}: expected NAME=VALUE, got '${pair}'`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

export function numberArg(args: Environment['args'], name: string): number | undefined {
  const value = textArg(args, name);
  if (value === undefined) return undefined;
  const number = Number(value);
  if (value.trim() !== '' && Number.isInteger(number) && number >= 0) return number;
  throw new UsageError(`--${toFlag(name)}: expected a whole number, got '${value}'`);
}

export const given = <Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Partial<Record<Name, Value>> => (value === undefined ? {} : ({ [name]: value } as Partial<Record<Name, Value>>));
