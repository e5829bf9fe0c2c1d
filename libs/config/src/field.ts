import { InvalidArgumentError, NAME_PATTERN, parseDuration, TYPE_PATTERN } from '@drover/core';
import * as z from 'zod';
import { parseListen, type Listen } from './listen.js';

/**
 * One setting. Its name gives the other two: `sessionTimeout` is `--session-timeout` and `DROVER_SESSION_TIMEOUT`.
 * Its schema takes text (flags, environment) as well as JSON values (file).
 */
export interface Field<Schema extends z.ZodType = z.ZodType> {
  schema: Schema;
  /** Completes "expected ...". */
  expected: string;
  /** The description for `--help`. */
  describe: string;
  /** How a command line should read it. */
  type: 'string' | 'boolean';
  /** The default for `--help`, as a user would write it. */
  default?: string;
}

/** Reads `given` with `read`, which returns `null` for a value that is not valid. */
function field<T>(
  expected: string,
  read: (given: unknown) => T | null,
  about: { describe: string; type?: 'boolean'; default?: string },
): Field<z.ZodType<T>> {
  const schema = z.unknown().transform((given, context) => {
    const [value, message] = tried(read, given);
    if (value !== null) return value;
    context.addIssue({ code: 'custom', message: '', params: { told: message } });
    return z.NEVER;
  }) as unknown as z.ZodType<T>;
  return { schema, expected, type: 'string', ...about };
}

/** The value that `read` makes of it; or its own message of what is wrong. */
function tried<T>(read: (given: unknown) => T | null, given: unknown): readonly [T | null, message: string] {
  try {
    return [read(given), ''];
  } catch (error) {
    if (error instanceof InvalidArgumentError) return [null, error.message];
    throw error;
  }
}

interface About {
  describe: string;
  default?: string;
}

export function text(expected: string, pattern: RegExp, about: About): Field<z.ZodType<string>> {
  return field(expected, (given) => (typeof given === 'string' && pattern.test(given) ? given : null), about);
}

/** Like `text`, with a function as the rule, for rules that a pattern cannot express. */
export function textThat(expected: string, isGood: (given: string) => boolean, about: About): Field<z.ZodType<string>> {
  return field(expected, (given) => (typeof given === 'string' && isGood(given) ? given : null), about);
}

export const NAME_EXPECTED = 'a name of at most 128 letters, digits, dots, dashes and underscores';
export const name = (about: About): Field<z.ZodType<string>> => text(NAME_EXPECTED, NAME_PATTERN, about);

export function duration(
  range: { minMs: number; maxMs: number; words: string },
  about: About,
): Field<z.ZodType<number>> {
  const read = (given: unknown) => {
    const value = durationOrNull(given);
    return value !== null && value >= range.minMs && value <= range.maxMs ? value : null;
  };
  return field(`a duration such as '500ms', '30s' or '5m', ${range.words}`, read, about);
}

/** A duration of at least 1 ms, or `off`. */
export function durationOrOff(maxMs: number, words: string, about: About): Field<z.ZodType<number | 'off'>> {
  const read = (given: unknown) => {
    if (given === 'off') return given;
    const value = durationOrNull(given);
    return value !== null && value > 0 && value <= maxMs ? value : null;
  };
  return field(`a duration such as '30s' or '5m', ${words}, or 'off'`, read, about);
}

function durationOrNull(given: unknown): number | null {
  try {
    return parseDuration('', given);
  } catch {
    return null;
  }
}

export function count(min: number, max: number, about: About): Field<z.ZodType<number>> {
  const read = (given: unknown) => {
    const value = toNumber(given);
    return Number.isInteger(value) && value >= min && value <= max ? value : null;
  };
  return field(`a whole number from ${min} to ${max}`, read, about);
}

export function positive(max: number, about: About): Field<z.ZodType<number>> {
  const read = (given: unknown) => {
    const value = toNumber(given);
    return value > 0 && value <= max ? value : null;
  };
  return field(`a number above 0, at most ${max}`, read, about);
}

/** A number in a range, fractions too. */
export function numberFrom(min: number, max: number, about: About): Field<z.ZodType<number>> {
  const read = (given: unknown) => {
    const value = toNumber(given);
    return value >= min && value <= max ? value : null;
  };
  return field(`a number from ${min} to ${max}, as ${min + 0.5}`, read, about);
}

/** A share, from 0 to 1. */
export function ratio(about: About): Field<z.ZodType<number>> {
  const read = (given: unknown) => {
    const value = toNumber(given);
    return value >= 0 && value <= 1 ? value : null;
  };
  return field('a number from 0 to 1, as 0.01', read, about);
}

function toNumber(given: unknown): number {
  if (typeof given === 'number') return given;
  return typeof given === 'string' && given.trim() !== '' ? Number(given) : NaN;
}

export function choice<const Option extends string>(
  options: readonly Option[],
  about: About,
): Field<z.ZodType<Option>> {
  const read = (given: unknown) => options.find((option) => option === given) ?? null;
  return field(`one of ${options.join(', ')}`, read, about);
}

/**
 * `a,b`, or an array. `read` checks each entry, and returns `null` for one that is not valid. Each entry counts once,
 * in order.
 */
export function list<T>(
  expected: string,
  read: (given: string) => T | null,
  about: About,
): Field<z.ZodType<readonly T[]>> {
  return field(expected, (given) => readList(given, read), about);
}

function readList<T>(given: unknown, read: (given: string) => T | null): readonly T[] | null {
  const items: unknown = typeof given === 'string' ? given.split(',') : given;
  if (!Array.isArray(items)) return null;
  const found = items.map((item: unknown) => (typeof item === 'string' ? read(item.trim()) : null));
  return found.includes(null) ? null : [...new Set(found as T[])];
}

/** `a,b`, or an array, of some of these. */
export function choiceList<const Option extends string>(
  options: readonly Option[],
  about: About,
): Field<z.ZodType<readonly Option[]>> {
  const read = (given: string) => options.find((option) => option === given) ?? null;
  return list(`some of ${options.join(', ')}, separated by commas`, read, about);
}

/**
 * `name=value,name=value`, or an object of texts. A name ends at the last `=` of its pair; none is empty or given twice.
 * `read` checks each value, and returns `null` for one that is not valid.
 */
export function map<T>(
  expected: string,
  read: (given: string) => T | null,
  about: About,
): Field<z.ZodType<Readonly<Record<string, T>>>> {
  return field(expected, (given) => readMap(given, read), about);
}

function readMap<T>(given: unknown, read: (given: string) => T | null): Readonly<Record<string, T>> | null {
  if (typeof given !== 'string' && (typeof given !== 'object' || given === null || Array.isArray(given))) return null;
  const pairs: (readonly [string, unknown])[] =
    typeof given === 'string' ? given.split(',').map(splitAtLast) : Object.entries(given);
  const values = pairs.map(([name, value]) => [name, typeof value === 'string' ? read(value) : null] as const);
  if (values.some(([name, value]) => name === '' || name === '__proto__' || value === null)) return null;
  const made = Object.fromEntries(values) as Record<string, T>;
  return Object.keys(made).length === values.length ? made : null;
}

function splitAtLast(pair: string): readonly [string, string | null] {
  const at = pair.lastIndexOf('=');
  return at < 0 ? [pair, null] : [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
}

const WORDS = new Map<unknown, boolean>([
  [true, true],
  [false, false],
  ['true', true],
  ['false', false],
  ['1', true],
  ['0', false],
]);
export function toggle(about: About): Field<z.ZodType<boolean>> {
  return field('true or false', (given) => WORDS.get(given) ?? null, { ...about, type: 'boolean' });
}

/** An address to listen at, or `off`. */
export function listenOrOff(about: About): Field<z.ZodType<Listen | 'off'>> {
  const read = (given: unknown) => (given === 'off' ? given : typeof given === 'string' ? parseListen(given) : null);
  return field("an address such as 127.0.0.1:7373 or [::1]:7373 (port 0: any free one), or 'off'", read, about);
}

export function listenAddress(about: About): Field<z.ZodType<Listen>> {
  const read = (given: unknown) => (typeof given === 'string' ? parseListen(given) : null);
  return field('an address such as 127.0.0.1:9464 or [::1]:9464 (port 0: any free one)', read, about);
}

/** `zone=a,disk=ssd`, or an object of strings. */
export function labels(about: About): Field<z.ZodType<Record<string, string>>> {
  return field('labels such as zone=a,disk=ssd', readLabels, about);
}

/** Read by a parser of core, which says itself what is wrong: `parse` throws `InvalidArgumentError`. */
export function parsed<T>(
  argument: string,
  expected: string,
  parse: (argument: string, given: unknown) => T,
  about: About,
): Field<z.ZodType<T>> {
  return field<T>(expected, (given) => parse(argument, given), about);
}

/** So many, or as many as it turns out: within bounds. */
export type Concurrency = number | { readonly min: number; readonly max: number };
/** The bounds of `auto` alone. */
const AUTO_RANGE = { min: 4, max: 256 };

/** A number, `auto`, or `auto:4-256`. */
export function concurrency(most: number, about: About): Field<z.ZodType<Concurrency>> {
  const isCount = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= most;
  const read = (given: unknown): Concurrency | null => {
    if (given === 'auto') return AUTO_RANGE;
    const bounds = typeof given === 'string' ? /^auto:(\d+)-(\d+)$/.exec(given.trim()) : null;
    const [min, max] = [Number(bounds?.[1]), Number(bounds?.[2])];
    if (bounds !== null) return isCount(min) && isCount(max) && min <= max ? { min, max } : null;
    const value = toNumber(given);
    return isCount(value) ? value : null;
  };
  return field(`a whole number from 1 to ${most}, 'auto', or 'auto:MIN-MAX' such as auto:4-256`, read, about);
}

/** `ocr=2,image:resize=1`, or an object of numbers. */
export function countsByType(about: About): Field<z.ZodType<Record<string, number>>> {
  return field('types with whole numbers from 1, such as ocr=2,image:resize=1', readCounts, about);
}

function readCounts(given: unknown): Record<string, number> | null {
  if (typeof given !== 'string' && (typeof given !== 'object' || given === null || Array.isArray(given))) return null;
  const pairs: [string, unknown][] =
    typeof given === 'string' ? given.split(',').map(splitLabel) : Object.entries(given);
  const counts = pairs.map(([type, value]) => [type, toNumber(value)] as const);
  const good = counts.every(([type, count]) => TYPE_PATTERN.test(type) && Number.isSafeInteger(count) && count >= 1);
  return good && new Set(counts.map(([type]) => type)).size === pairs.length ? Object.fromEntries(counts) : null;
}

function readLabels(given: unknown): Record<string, string> | null {
  if (typeof given !== 'string' && (typeof given !== 'object' || given === null || Array.isArray(given))) return null;
  const pairs: [string, unknown][] =
    typeof given === 'string' ? given.split(',').map(splitLabel) : Object.entries(given);
  const good = pairs.every(([key, value]) => NAME_PATTERN.test(key) && typeof value === 'string');
  return good ? (Object.fromEntries(pairs) as Record<string, string>) : null;
}

function splitLabel(pair: string): [string, string | null] {
  const at = pair.indexOf('=');
  return at < 0 ? [pair, null] : [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
}
