import { LIMITS, RecordError } from '@drover/core';
import { z } from 'zod';

/** The version that this code writes, and the newest that it reads. */
export const RECORD_VERSION = 1;

/** Fields that a reader does not know are written again, and what is nested too deeply cannot be: it is no record. */
const DEEPEST = 100;

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

/**
 * One JSON record, checked. Unknown fields are kept (schemas are loose), so that an older reader does not lose what a
 * newer writer added. Throws `RecordError` that says what is wrong with which field.
 */
export function parseRecord<Schema extends z.ZodType>(path: string, text: string, schema: Schema): z.output<Schema> {
  return checkRecord(path, parseJson(path, text), text, schema);
}

/**
 * Compact JSON with the version in front, checked by the schema of whoever reads it: nothing is written that nobody can
 * read. `what` names the record in the error. Throws `RecordError`.
 */
export function formatRecord(what: string, fields: object, schema: z.ZodType): string {
  const value = { v: RECORD_VERSION, ...fields };
  const text = JSON.stringify(value);
  checkRecord(`${what} cannot be written`, value, text, schema);
  return text;
}

function checkRecord<Schema extends z.ZodType>(
  path: string,
  value: unknown,
  text: string,
  schema: Schema,
): z.output<Schema> {
  if (text.length > 2 * DEEPEST && isDeeper(value, DEEPEST))
    throw new RecordError(path, `nested deeper than ${DEEPEST} levels: no record is`);
  const version: unknown = typeof value === 'object' && value !== null && 'v' in value ? value.v : undefined;
  if (typeof version === 'number' && version > RECORD_VERSION)
    throw new RecordError(path, `version ${version}, this program reads up to ${RECORD_VERSION}: upgrade it`);
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new RecordError(path, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not the expected record'}`);
}

export function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const shown = text.length > 40 ? `${text.slice(0, 40)}...` : text;
    throw new RecordError(path, `not JSON: ${JSON.stringify(shown)}`, { cause });
  }
}

export const count = z.number().int().nonnegative();
/** A line of a batch. Bounded, so that garbage cannot make a reader count to the end of the numbers. */
export const position = count.max(LIMITS.readableTasks);

interface Stretch {
  readonly 0: number;
  readonly 1: number;
}

/** Stretches `[from, to)` are not empty, and no more than a batch can have together. */
export function areStretches(stretches: readonly Stretch[]): boolean {
  let total = 0;
  for (const { 0: from, 1: to } of stretches) {
    if (from >= to) return false;
    total += to - from;
  }
  return total <= LIMITS.readableTasks;
}

export const STRETCHES = { error: 'expected stretches [from, to) of tasks, from < to, within one batch' };
export const ranges = z.array(z.tuple([position, position])).refine(areStretches, STRETCHES);
