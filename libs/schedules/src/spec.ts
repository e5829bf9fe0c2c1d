import { parseWhen, parseSpread, type When } from '@drover/calendar';
import { checkOptions, InvalidArgumentError, isWellFormed, oneOf, parseDuration } from '@drover/core';
import { bytesOf, isNone } from './parse-fields.js';
import {
  CATCH_UPS,
  OVERLAP_NAMES,
  SCHEDULE_DEFAULTS,
  SCHEDULE_LIMITS,
  type CatchUp,
  type Overlap,
} from './policies.js';
import { parseRun, type RunSpec } from './run-spec.js';

/** A schedule as it is checked and stored. Nothing in it is as by default; durations are milliseconds. */
// eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- an interface is no record of unknown fields
export type ScheduleSpec = {
  when: When[];
  run: RunSpec;
  /** Default `skip`. */
  overlap?: Overlap;
  /** `window`: milliseconds, default a day. `run`: default `latest`. */
  catchUp?: { window?: number; run?: CatchUp };
  /** Each fire is late by a part of this, by the name of the schedule. Milliseconds. */
  spread?: number;
  /** Each fire is late by a part of this, by its time. Milliseconds. */
  jitter?: number;
  /** So many fires in a row failed: the schedule is paused. */
  pauseAfterFailures?: number;
  labels?: Record<string, string>;
  note?: string;
};

const FIELDS = ['when', 'run', 'overlap', 'catchUp', 'spread', 'jitter', 'pauseAfterFailures', 'labels', 'note'];

/**
 * A definition that somebody gives, checked and as it is stored: the same for whoever gives the same, so that two can be compared as
 * text. Throws `InvalidArgumentError` that names the field, what was given and what is expected.
 */
export function parseSpec(given: unknown, argument = ''): ScheduleSpec {
  checkOptions(given, FIELDS, argument);
  const { when, run, overlap, catchUp, spread, jitter, pauseAfterFailures, labels, note } = given as Given;
  const at = (field: string): string => (argument === '' ? field : `${argument}.${field}`);
  const parsed: ScheduleSpec = {
    when: parseWhen(at('when'), when),
    run: parseRun(at('run'), run),
    ...unlessDefault('overlap', oneOfOrNone(at('overlap'), overlap, OVERLAP_NAMES), SCHEDULE_DEFAULTS.overlap),
    ...parseCatchUp(at('catchUp'), catchUp),
    ...unlessDefault('spread', isNone(spread) ? 0 : parseSpread(at('spread'), spread), 0),
    ...unlessDefault('jitter', isNone(jitter) ? 0 : parseSpread(at('jitter'), jitter), 0),
    ...parseFailures(at('pauseAfterFailures'), pauseAfterFailures),
    ...parseLabels(at('labels'), labels),
    ...parseNote(at('note'), note),
  };
  checkSize(argument === '' ? 'schedule' : argument, parsed);
  return parsed;
}

type Given = Readonly<Partial<Record<keyof ScheduleSpec, unknown>>>;

function unlessDefault<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
  standard: Value,
): Partial<Record<Name, Value>> {
  return value === undefined || value === standard ? {} : ({ [name]: value } as Partial<Record<Name, Value>>);
}

const oneOfOrNone = <Name extends string>(
  argument: string,
  given: unknown,
  names: readonly Name[],
): Name | undefined => (isNone(given) ? undefined : oneOf(argument, given, names));

/** Also a policy alone: `'all'` is `{ run: 'all' }`. */
function parseCatchUp(argument: string, given: unknown): { catchUp?: { window?: number; run?: CatchUp } } {
  if (isNone(given)) return {};
  const fields = typeof given === 'string' ? { run: given } : given;
  checkOptions(fields, ['window', 'run'], argument);
  const { window, run } = fields as { window?: unknown; run?: unknown };
  const windowMs = isNone(window) ? undefined : parseWindow(`${argument}.window`, window);
  const catchUp = {
    ...unlessDefault('window', windowMs, SCHEDULE_DEFAULTS.catchUpWindowMs as number),
    ...unlessDefault('run', oneOfOrNone<CatchUp>(`${argument}.run`, run, CATCH_UPS), SCHEDULE_DEFAULTS.catchUp),
  };
  return Object.keys(catchUp).length === 0 ? {} : { catchUp };
}

function parseWindow(argument: string, given: unknown): number {
  const windowMs = parseDuration(argument, given);
  if (windowMs >= SCHEDULE_LIMITS.leastWindowMs) return windowMs;
  throw new InvalidArgumentError(argument, given, 'at least 10s');
}

function parseFailures(argument: string, given: unknown): { pauseAfterFailures?: number } {
  if (isNone(given)) return {};
  const most = SCHEDULE_LIMITS.pauseAfterFailures;
  if (typeof given === 'number' && Number.isInteger(given) && given >= 1 && given <= most)
    return { pauseAfterFailures: given };
  throw new InvalidArgumentError(argument, given, `a whole number from 1 to ${most}`);
}

function parseLabels(argument: string, given: unknown): { labels?: Record<string, string> } {
  if (isNone(given)) return {};
  const { labels: most, labelChars } = SCHEDULE_LIMITS;
  if (typeof given !== 'object' || Array.isArray(given))
    throw new InvalidArgumentError(argument, given, "an object of texts, such as { team: 'bi' }");
  const entries = Object.entries(given).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length > most) throw new InvalidArgumentError(argument, `${entries.length} labels`, `at most ${most}`);
  for (const [name, value] of entries) {
    if (!isLabel(name, labelChars) || name === '' || name.includes('='))
      throw new InvalidArgumentError(argument, name, `names of 1 to ${labelChars} characters without "="`);
    if (!isLabel(value, labelChars))
      throw new InvalidArgumentError(`${argument}.${name}`, value, `a text of at most ${labelChars} characters`);
  }
  return entries.length === 0 ? {} : { labels: Object.fromEntries(entries) };
}

const isLabel = (text: unknown, most: number): boolean =>
  typeof text === 'string' && text.length <= most && isWellFormed(text);

function parseNote(argument: string, given: unknown): { note?: string } {
  if (isNone(given) || given === '') return {};
  if (isLabel(given, SCHEDULE_LIMITS.noteChars)) return { note: given as string };
  throw new InvalidArgumentError(argument, given, `a text of at most ${SCHEDULE_LIMITS.noteChars} characters`);
}

function checkSize(argument: string, spec: ScheduleSpec): void {
  const bytes = bytesOf(JSON.stringify(spec));
  if (bytes <= SCHEDULE_LIMITS.definitionBytes) return;
  const most = SCHEDULE_LIMITS.definitionBytes;
  throw new InvalidArgumentError(argument, `${argument}: ${bytes} bytes as JSON, a schedule has at most ${most}`);
}
