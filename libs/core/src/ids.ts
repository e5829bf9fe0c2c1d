import { monotonicFactory } from 'ulid';
import { UnknownCellError } from './errors.js';

/**
 * Batch ids are ULIDs: drawn by the client, ordered by time, 26 characters of Crockford's base 32
 * (https://github.com/ulid/spec). A task's id names its batch and its index there: `01J...9A.17`.
 *
 * A system of several cells names the cell of a task first: `eu1~01J...9A.17`. The cell is 1 to 12 characters of
 * `[a-z0-9]`. Ids of the one cell that there is have no such prefix. The grammar is the same everywhere, so that
 * programs that store ids need not change: `[<cell>~]<batch>.<index>`, the index without leading zeros.
 */
export type BatchId = string;
export type TaskId = string;

/** Ids that grow within one process, also within one millisecond. `random` is uniform in [0, 1). */
export function batchIds(now: () => number, random: () => number): () => BatchId {
  const next = monotonicFactory(random);
  return () => next(now());
}

/** The place of a task. `cell`: empty for the one cell there is. */
export interface TaskAddress {
  cell: string;
  batch: BatchId;
  index: number;
}

const CELL = /^[a-z0-9]{1,12}$/;
const INDEX = /^(0|[1-9]\d{0,5})$/;

export function taskId(batch: BatchId, index: number, cell = ''): TaskId {
  return cell === '' ? `${batch}.${index}` : `${cell}~${batch}.${index}`;
}

/** `null`: `text` is no task id. */
export function parseTaskId(text: string): TaskAddress | null {
  const { cell, rest } = splitCell(text);
  const dot = rest.indexOf('.');
  const batch = rest.slice(0, Math.max(dot, 0));
  const index = rest.slice(dot + 1);
  if (cell === null || !isBatchId(batch) || !INDEX.test(index)) return null;
  return { cell, batch, index: Number(index) };
}

/**
 * Like `parseTaskId`, for a task of this system. Throws `UnknownCellError` if the id names a cell: there are none yet.
 */
export function localTask(text: string): TaskAddress | null {
  const address = parseTaskId(text);
  if (address !== null && address.cell !== '') throw new UnknownCellError(address.cell, text);
  return address;
}

/** The batch of `[<cell>~]<batch>`; `null` where `text` is none. Throws `UnknownCellError` as `localTask`. */
export function localBatch(text: string): BatchId | null {
  const { cell, rest } = splitCell(text);
  if (cell === null || !isBatchId(rest)) return null;
  if (cell !== '') throw new UnknownCellError(cell, text);
  return rest;
}

/** `cell`: `null` if the text before the `~` cannot be one. */
function splitCell(text: string): { cell: string | null; rest: string } {
  const tilde = text.indexOf('~');
  if (tilde < 0) return { cell: '', rest: text };
  const cell = text.slice(0, tilde);
  return { cell: CELL.test(cell) ? cell : null, rest: text.slice(tilde + 1) };
}

/**
 * The leader asks this of every znode below `/tasks` that is created or deleted; `isValid` of ulid takes ten times as
 * long.
 */
const BATCH_ID = /^[0-9A-HJKMNP-TV-Z]{26}$/;
export const isBatchId = (text: string): boolean => BATCH_ID.test(text);

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The time at which the client drew the id, by its clock: milliseconds since 1970. */
export function timeOfBatch(batch: BatchId): number {
  let time = 0;
  for (let i = 0; i < 10; i++) time = time * 32 + CROCKFORD.indexOf(batch.charAt(i));
  return time;
}
