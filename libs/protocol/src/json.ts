import { LIMITS, RecordError } from '@drover/core';
import * as z from 'zod';
import { FEATURES, isNeeds, notUnderstood, quoted } from './features.js';

/** The version of a record that needs nothing. */
export const RECORD_VERSION = 1;
/** The version of a record that `needs` something: the newest that this code reads. */
export const NEEDS_VERSION = 2;
/** `v` of every record. */
export const version = z.literal([RECORD_VERSION, NEEDS_VERSION]);

export const utf8 = new TextDecoder();

/** Deepest nesting of a record. A reader writes unknown fields again, and must not fail at that by their depth. */
const DEEPEST = 100;

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

/**
 * One JSON record, checked. Unknown fields are kept (schemas are loose), so that an older reader does not lose what a
 * newer writer added. Throws `RecordError` that names the field and the fault; its `isNewer` is true if the record is
 * of a later version, or needs a feature that is not among `understood`: a reader leaves such a record as it is.
 */
export function parseRecord<Schema extends z.ZodType>(
  path: string,
  text: string,
  schema: Schema,
  understood: readonly string[] = FEATURES,
): z.output<Schema> {
  return checkRecord(path, parseJson(path, text), text, schema, understood);
}

/**
 * Compact JSON with the version in front. The schema of the readers checks it, so that no unreadable record is written.
 * The version follows from `needs`. `what` names the record in the error. Throws `RecordError`.
 */
export function formatRecord(
  what: string,
  fields: object,
  schema: z.ZodType,
  understood: readonly string[] = FEATURES,
): string {
  const { v: _v, needs, ...rest } = fields as { v?: unknown; needs?: unknown };
  const needsNothing = needs === undefined || (Array.isArray(needs) && needs.length === 0);
  const value = needsNothing ? { v: RECORD_VERSION, ...rest } : { v: NEEDS_VERSION, needs, ...rest };
  const text = JSON.stringify(value);
  checkRecord(`${what} cannot be written`, value, text, schema, understood);
  return text;
}

function checkRecord<Schema extends z.ZodType>(
  path: string,
  value: unknown,
  text: string,
  schema: Schema,
  understood: readonly string[],
): z.output<Schema> {
  if (text.length > 2 * DEEPEST && isDeeper(value, DEEPEST))
    throw new RecordError(path, `nested deeper than ${DEEPEST} levels: no record is`);
  if (typeof value === 'object' && value !== null) mustUnderstand(path, value, understood);
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new RecordError(path, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not the expected record'}`);
}

/**
 * Drover writes no record of version 2 without needs: another program may have lost them. Nor does it write one of
 * version 1 with needs: programs from before there were features would ignore the needs.
 */
function mustUnderstand(
  path: string,
  { v, needs }: { v?: unknown; needs?: unknown },
  understood: readonly string[],
): void {
  if (typeof v === 'number' && v > NEEDS_VERSION)
    throw new RecordError(path, `version ${v}, this program reads up to ${NEEDS_VERSION}: upgrade it`, {
      isNewer: true,
    });
  if (needs !== undefined && !isNeeds(needs))
    throw new RecordError(path, 'needs: expected a list of names of features');
  const missing = notUnderstood(needs ?? [], understood);
  if (missing.length > 0)
    throw new RecordError(path, `needs ${quoted(missing)}, which this program does not understand: upgrade it`, {
      isNewer: true,
    });
  if ((v === NEEDS_VERSION) !== (needs !== undefined && needs.length > 0))
    throw new RecordError(path, `needs: expected in records of version ${NEEDS_VERSION}, and in no others`);
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
