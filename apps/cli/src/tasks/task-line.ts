import type { TaskInput } from '@drover/client';
import { LIMITS, NAME_PATTERN, nearest, parseDuration, TYPE_PATTERN } from '@drover/core';
import { messageOf } from '@drover/runtime';

/**
 * A task as a line of a file has it: `{"type":"resize","payload":{...},"queue":"images",...}`. Everything that could be
 * refused later is checked here, so that a file with one bad line is refused before any of it is submitted. Pure.
 */
interface Check {
  expected: string;
  isGood(value: unknown): boolean;
}

const isText = (value: unknown, pattern: RegExp): boolean => typeof value === 'string' && pattern.test(value);
const duration: Check = { expected: "milliseconds or a duration such as '30s'", isGood: isDuration };

const CHECKS: Readonly<Record<string, Check>> = {
  type: {
    expected: 'a task type: letters, digits and . _ - : /, 128 at most',
    isGood: (value) => isText(value, TYPE_PATTERN),
  },
  payload: { expected: `at most ${LIMITS.payloadBytes} bytes of JSON`, isGood: fitsPayload },
  queue: {
    expected: 'a queue name: letters, digits and . _ -, 128 at most',
    isGood: (value) => isText(value, NAME_PATTERN),
  },
  maxAttempts: {
    expected: `a whole number from 1 to ${LIMITS.maxAttempts}`,
    isGood: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= LIMITS.maxAttempts,
  },
  timeout: { ...duration, isGood: (value) => isDuration(value) && parseDuration('timeout', value) > 0 },
  delay: duration,
  key: {
    expected: `text of 1 to ${LIMITS.keyLength} characters`,
    isGood: (value) => typeof value === 'string' && value !== '' && value.length <= LIMITS.keyLength,
  },
  retry: { expected: 'an object such as {"kind":"constant","delayMs":1000}', isGood: isObject },
};
const NAMES = Object.keys(CHECKS);

/** The names of options as the command line has them are understood too. */
const ALIASES: Readonly<Record<string, string>> = { 'max-attempts': 'maxAttempts', max_attempts: 'maxAttempts' };

export type ParsedLine = { task: TaskInput } | { problem: string };

/** `defaultType`: of lines that name none. */
export function parseTaskLine(text: string, defaultType?: string): ParsedLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problem: `not JSON: ${describeSyntaxError(error)}` };
  }
  if (!isObject(value)) return { problem: 'expected an object such as {"type":"echo","payload":1}' };
  const given = withDefaults(value, defaultType);
  const problem = findProblem(given);
  return problem === null ? { task: given as unknown as TaskInput } : { problem };
}

function withDefaults(value: object, defaultType: string | undefined): Record<string, unknown> {
  // A million lines come by here, and hardly any needs a change.
  if (
    !Object.keys(value).some((name) => Object.hasOwn(ALIASES, name)) &&
    (defaultType === undefined || 'type' in value)
  )
    return value as Record<string, unknown>;
  const entries = Object.entries(value).map(
    ([name, field]) => [Object.hasOwn(ALIASES, name) ? (ALIASES[name] ?? name) : name, field] as const,
  );
  return { ...(defaultType === undefined ? {} : { type: defaultType }), ...Object.fromEntries(entries) };
}

/** `null` where `task` can be submitted. */
export function findProblem(task: Readonly<Record<string, unknown>>): string | null {
  if (task.type === undefined) return 'it has no "type"';
  for (const name of Object.keys(task)) {
    // What every object inherits is no field: a line may well have a "constructor".
    const check = Object.hasOwn(CHECKS, name) ? CHECKS[name] : undefined;
    if (check === undefined) return unknownField(name);
    if (!check.isGood(task[name])) return `${name}: expected ${check.expected}, got ${show(name, task[name])}`;
  }
  return null;
}

function unknownField(name: string): string {
  const near = nearest(name, NAMES);
  return `unknown field '${name}'${near === null ? '' : `; did you mean '${near}'?`}`;
}

function show(name: string, value: unknown): string {
  const text = jsonOf(value);
  if (text === null) return 'what is nested too deeply';
  if (name === 'payload') return `${Buffer.byteLength(text)} bytes`;
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** `null`: JSON can be read that is nested too deeply to be written. */
function jsonOf(value: unknown): string | null {
  try {
    return JSON.stringify(value);
  } catch {
    return null;
  }
}

/** V8's, without its own idea of lines. */
export function describeSyntaxError(error: unknown): string {
  return messageOf(error).replace(/ \(line \d+ column \d+\)$/, '');
}

function isDuration(value: unknown): boolean {
  try {
    parseDuration('', value);
    return true;
  } catch {
    return false;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fitsPayload(value: unknown): boolean {
  // Measuring writes the whole once more: only what may be too large is measured.
  if (typeof value !== 'object' && typeof value !== 'string') return true;
  if (isSmall(value, SMALL_FIELDS)) return true;
  const text = jsonOf(value);
  return text !== null && Buffer.byteLength(text) <= LIMITS.payloadBytes;
}

const SMALL_FIELDS = 100;
const SMALL_TEXT = 100;

/** Surely far below the limit: a few numbers and short texts. */
function isSmall(value: unknown, fields: number): boolean {
  if (typeof value === 'string') return value.length <= SMALL_TEXT;
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value))
    return value.length <= fields && value.every((item) => typeof item !== 'object' && isSmall(item, 0));
  const names = Object.keys(value);
  return (
    names.length <= fields &&
    names.every((name) => {
      const field: unknown = (value as Record<string, unknown>)[name];
      return name.length <= SMALL_TEXT && typeof field !== 'object' && isSmall(field, 0);
    })
  );
}
