import { join } from 'node:path';
import type { ScheduleInput } from '@drover/client';
import { flagOf, parseName, TASK_OPTIONS, TASK_OPTION_NAMES, toFlag } from '@drover/core';
import type { Options } from 'yargs';
import type { Plan } from '@drover/flow';
import { REACH_FLAGS, whereOf } from '../broadcasts/start.js';
import { flagArg, joinedArg, listArg, textArg, type Environment } from '../command.js';
import { UsageError } from '../failure.js';
import { choosePlan, readPlans } from '../flows/flow-file.js';
import { inputOf } from '../flows/input-arg.js';

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
const RUN_FLAGS: Record<string, Options> = Object.fromEntries(
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

/** Flags that say what each fire starts. */
export const STARTS_FLAGS: Record<string, Options> = {
  type: text('Type of the task that each fire makes'),
  flow: text('Flow of which each fire starts a run: FILE, or FILE#NAME where the file has several'),
  broadcast: text('Type of the tasks of the broadcast that each fire starts'),
  payload: text('Payload of the task, or of the broadcast, as JSON'),
  input: text('With --flow: JSON value that each run is given, or @FILE that has it'),
  ...RUN_FLAGS,
  ...REACH_FLAGS,
  key: text('With --broadcast: a newer one with the same key closes it (default: all of this schedule have the same)'),
};

/** The task, flow or broadcast of each fire. A flow is read from its file. Throws `UsageError` and `InvalidPlanError`. */
export async function runOf(args: Environment['args']): Promise<ScheduleInput['run']> {
  const kinds = (['type', 'flow', 'broadcast'] as const).filter((name) => textArg(args, name) !== undefined);
  const [kind] = kinds;
  if (kind === undefined) throw new UsageError('what? give --type, --flow or --broadcast: what each fire starts');
  if (kinds.length > 1)
    throw new UsageError(`--${kinds.join(' and --')}: a fire starts one thing; make a schedule for each`);
  const value = textArg(args, kind) ?? '';
  const run: Record<string, unknown> = { [kind]: kind === 'flow' ? await planAt(value) : value };
  const [payload, where] = [textArg(args, 'payload'), whereOf(args)];
  if (payload !== undefined) run.payload = jsonOf('--payload', payload);
  if (textArg(args, 'input') !== undefined) run.input = await inputOf(args);
  if (where !== undefined) run.where = where;
  if (flagArg(args, 'skipDraining')) run.skipDraining = true;
  for (const name of ['joiners', 'key']) if (textArg(args, name) !== undefined) run[name] = textArg(args, name);
  for (const name of RUN_OPTIONS) {
    const value = joinedArg(args, flagOf(name) === toFlag(name) ? name : flagOf(name));
    if (value === undefined) continue;
    const { fromText } = TASK_OPTIONS[name].flag as { fromText?: (value: string) => unknown };
    run[name] = fromText === undefined ? value : fromText(value);
  }
  return run as ScheduleInput['run'];
}

/** The plan of `FILE` or `FILE#NAME`. `from`: the folder from which the file is looked for. */
export async function planAt(given: string, from = '.'): Promise<Plan> {
  const at = given.lastIndexOf('#');
  const [file, name] = at < 0 ? [given, undefined] : [given.slice(0, at), given.slice(at + 1)];
  const path = from === '.' ? file : join(from, file);
  return choosePlan(path, await readPlans(path), name);
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
