import type { TaskInput } from '@drover/client';
import {
  changedNumberProblem,
  findDuplicateName,
  flagOf,
  InvalidArgumentError,
  LIMITS,
  nearest,
  parseTask,
  TASK_OPTION_NAMES,
  toFlag,
} from '@drover/core';
import { messageOf } from '@drover/runtime';

/**
 * A task as a line of a file has it: `{"type":"resize","payload":{...},"queue":"images",...}`. Everything that could be
 * refused later is checked here, as the client checks it, so that a file with one bad line is refused before any of
 * it is submitted. Pure.
 */
const FIELDS: readonly string[] = ['type', 'payload', ...TASK_OPTION_NAMES];

/** The names of options as the command line has them are understood too. */
const ALIASES: Readonly<Record<string, string>> = Object.fromEntries(
  TASK_OPTION_NAMES.flatMap((name) => [toFlag(name), flagOf(name)].map((flag) => [flag, name] as const))
    .filter(([flag, name]) => flag !== name)
    .flatMap(([flag, name]) => [
      [flag, name],
      [flag.replaceAll('-', '_'), name],
    ]),
);

export type ParsedLine = { task: TaskInput } | { problem: string };

/** `defaultType`: of lines that name none. */
export function parseTaskLine(text: string, defaultType?: string): ParsedLine {
  const read = readExactly(text);
  if ('problem' in read) return read;
  if (!isObject(read.value)) return { problem: 'expected an object such as {"type":"echo","payload":1}' };
  const twice = findDuplicateName(text, read.value, 'retry');
  if (twice !== null) return { problem: `the field '${twice}' is given more than once; keep one of them` };
  const given = withDefaults(read.value, defaultType);
  if (typeof given === 'string') return { problem: given };
  return findProblem(given) ?? { task: given as unknown as TaskInput };
}

/** JSON whose numbers reach the handler as they were written. */
export function readExactly(text: string): { value: unknown } | { problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problem: `not JSON: ${describeSyntaxError(error)}` };
  }
  const problem = changedNumberProblem(text);
  return problem === null ? { value } : { problem };
}

/** Replaces the command line's names of options by those of the client. A text as the result says what is wrong. */
function withDefaults(value: object, defaultType: string | undefined): Record<string, unknown> | string {
  // A million lines come by here, and hardly any needs a change.
  const hasAlias = Object.keys(value).some((name) => Object.hasOwn(ALIASES, name));
  if (!hasAlias && (defaultType === undefined || 'type' in value)) return value as Record<string, unknown>;
  const fields = new Map<string, { name: string; field: unknown }>();
  for (const [name, field] of Object.entries(value)) {
    const meant = Object.hasOwn(ALIASES, name) ? (ALIASES[name] ?? name) : name;
    const other = fields.get(meant);
    if (other !== undefined) return `'${other.name}' and '${name}' are the same field; keep one of them`;
    fields.set(meant, { name, field });
  }
  const given = [...fields].map(([meant, { field }]) => [meant, field] as const);
  return { ...(defaultType === undefined ? {} : { type: defaultType }), ...Object.fromEntries(given) };
}

/** `argument`: the field at fault, where it is one. */
export interface TaskProblem {
  problem: string;
  argument?: string;
}

/** `null` where `task` can be submitted. */
export function findProblem(task: Readonly<Record<string, unknown>>): TaskProblem | null {
  if (task.type === undefined) return { problem: 'missing field "type"' };
  // Names that every object inherits are unknown fields like any other: a line may well have a "constructor".
  const unknown = Object.keys(task).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined) return { problem: unknownField(unknown) };
  if (!fitsPayload(task.payload)) return { argument: 'payload', problem: `payload: ${describeSize(task.payload)}` };
  try {
    parseTask(task.type, task);
    return null;
  } catch (error) {
    if (error instanceof InvalidArgumentError) return { argument: error.argument, problem: error.message };
    throw error;
  }
}

function unknownField(name: string): string {
  const near = nearest(name, FIELDS);
  return `unknown field '${name}'${near === null ? '' : `; did you mean '${near}'?`}`;
}

function describeSize(payload: unknown): string {
  const text = jsonOf(payload);
  const given = text === null ? 'nested too deeply' : `got ${Buffer.byteLength(text)} bytes`;
  return `expected at most ${LIMITS.payloadBytes} bytes of JSON, ${given}`;
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
function describeSyntaxError(error: unknown): string {
  return messageOf(error).replace(/ \(line \d+ column \d+\)$/, '');
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fitsPayload(value: unknown): boolean {
  // Measuring encodes the value once more, so it is done only for values that may be too large.
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
