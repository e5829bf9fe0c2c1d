import { parseWhen, parseSpread, type When } from '@drover/calendar';
import {
  checkOptions,
  InvalidArgumentError,
  isWellFormed,
  parseDuration,
  parseTask,
  TASK_OPTIONS,
  TASK_OPTION_NAMES,
  type TaskOptionName,
  type TaskOptions,
} from '@drover/core';
import {
  CATCH_UPS,
  OVERLAP_NAMES,
  SCHEDULE_DEFAULTS,
  SCHEDULE_LIMITS,
  type CatchUp,
  type Overlap,
} from './policies.js';

/** The task that each fire makes: its type, its payload, and what a submit may say too, in the form that is stored. */
export type RunSpec = { type: string; payload?: unknown } & Partial<Record<TaskOptionName, unknown>>;

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
/** A schedule says itself when its tasks are due, and whether there may be two: with what. */
const NOT_FOR_FIRES: Readonly<Partial<Record<TaskOptionName, string>>> = {
  key: "'overlap' says whether there may be two",
  unique: "'overlap' says which of its fires run",
  delay: "'when' says when it is due",
  after: 'each of its fires would wait for the same tasks',
  afterMode: 'each of its fires would wait for the same tasks',
};
const RUN_OPTIONS = TASK_OPTION_NAMES.filter((name) => NOT_FOR_FIRES[name] === undefined);

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
    ...unlessDefault('overlap', oneOf(at('overlap'), overlap, OVERLAP_NAMES), SCHEDULE_DEFAULTS.overlap),
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
const isNone = (value: unknown): boolean => value === undefined || value === null;

function unlessDefault<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
  standard: Value,
): Partial<Record<Name, Value>> {
  return value === undefined || value === standard ? {} : ({ [name]: value } as Partial<Record<Name, Value>>);
}

function oneOf<Name extends string>(argument: string, given: unknown, names: readonly Name[]): Name | undefined {
  if (isNone(given)) return undefined;
  if ((names as readonly unknown[]).includes(given)) return given as Name;
  throw new InvalidArgumentError(argument, given, `one of ${names.join(', ')}`);
}

function parseRun(argument: string, given: unknown): RunSpec {
  refuseOptions(argument, given);
  checkOptions(given, ['type', 'payload', ...RUN_OPTIONS], argument);
  const { type, payload, ...options } = given as RunSpec;
  const named = inside(argument, () => parseTask(type, options));
  const run: RunSpec = { type: named.options.type };
  if (payload !== undefined && payload !== null) run.payload = parsePayload(`${argument}.payload`, payload);
  for (const name of RUN_OPTIONS) {
    const value = options[name];
    if (isNone(value)) continue;
    const { parse, default: standard } = TASK_OPTIONS[name] as { parse: Parse; default: unknown };
    const stored = parse(`${argument}.${name}`, value);
    if (stored !== standard) run[name] = stored;
  }
  return run;
}
type Parse = (argument: string, given: unknown) => unknown;

function refuseOptions(argument: string, given: unknown): void {
  if (typeof given !== 'object' || given === null) return;
  for (const name of TASK_OPTION_NAMES) {
    const instead = NOT_FOR_FIRES[name];
    if (instead === undefined || !(name in given)) continue;
    const path = `${argument}.${name}`;
    throw new InvalidArgumentError(path, `${path}: the task of a schedule has no option "${name}"; ${instead}`);
  }
}

/** The errors of whoever parses a task name its fields: here they are below another. */
function inside<T>(argument: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    const { message } = error;
    const where = message.startsWith(`${error.argument}: `) ? `${argument}.${message}` : `${argument}: ${message}`;
    throw new InvalidArgumentError(`${argument}.${error.argument}`, where);
  }
}

/** As JSON has it: what comes back from ZooKeeper is the same. */
function parsePayload(argument: string, given: unknown): unknown {
  const text = jsonOf(argument, given);
  if (text === undefined) throw new InvalidArgumentError(argument, given, 'a value that JSON has');
  const bytes = bytesOf(text);
  if (bytes <= SCHEDULE_LIMITS.payloadBytes) return JSON.parse(text) as unknown;
  throw new InvalidArgumentError(
    argument,
    `${argument}: ${bytes} bytes as JSON, the payload of a schedule has at most ${SCHEDULE_LIMITS.payloadBytes}; ` +
      'store the data elsewhere and give a reference to it',
  );
}

/** `undefined`: JSON has no such value. */
function jsonOf(argument: string, given: unknown): string | undefined {
  try {
    return JSON.stringify(given);
  } catch (error) {
    throw new InvalidArgumentError(argument, `${argument}: cannot be written as JSON (${(error as Error).message})`);
  }
}

/** Also a policy alone: `'all'` is `{ run: 'all' }`. */
function parseCatchUp(argument: string, given: unknown): { catchUp?: { window?: number; run?: CatchUp } } {
  if (isNone(given)) return {};
  const fields = typeof given === 'string' ? { run: given } : given;
  checkOptions(fields, ['window', 'run'], argument);
  const { window, run } = fields as { window?: unknown; run?: unknown };
  const windowMs = isNone(window) ? undefined : parseWindow(`${argument}.window`, window);
  const catchUp = {
    ...unlessDefault('window', windowMs, SCHEDULE_DEFAULTS.catchUpWindowMs as number),
    ...unlessDefault('run', oneOf<CatchUp>(`${argument}.run`, run, CATCH_UPS), SCHEDULE_DEFAULTS.catchUp),
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
  const entries = Object.entries(given as object).sort(([a], [b]) => (a < b ? -1 : 1));
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

/** Of UTF-8. */
export function bytesOf(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x7f) bytes += code > 0x7ff && (code < 0xd800 || code > 0xdfff) ? 2 : 1;
  }
  return bytes;
}

/** The queue and the options of the tasks that fires make. */
export function taskOf({ type, payload: _payload, ...options }: RunSpec): { queue: string; options: TaskOptions } {
  return parseTask(type, options);
}
