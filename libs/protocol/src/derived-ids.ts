import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { BatchId } from '@drover/core';
import type { FireRecord } from './schedules.js';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Characters of a ULID that say its time, and that are drawn. */
const TIME_CHARS = 10;
const DRAWN_CHARS = 16;

/**
 * An id that follows from `seed`, so that whoever creates a znode of that name again after a lost reply finds its own. It
 * has the time of `origin`, the batch that it came from.
 */
const derivedId = (origin: BatchId, seed: string): BatchId => origin.slice(0, TIME_CHARS) + drawnFrom(seed);

function drawnFrom(seed: string): string {
  const hash = sha256(utf8ToBytes(seed));
  return Array.from(hash.subarray(0, DRAWN_CHARS), (byte) => CROCKFORD.charAt(byte % 32)).join('');
}

/** The batch of the `chunk`th items that a task found. `assignment`: its name; `index`: of the task in its batch. */
export const draftId = (origin: BatchId, assignment: string, index: number, chunk: number): BatchId =>
  derivedId(origin, `${assignment}/${index}/${chunk}`);

/** The flow that a task became. */
export const becomeId = (origin: BatchId, assignment: string, index: number): BatchId =>
  derivedId(origin, `${assignment}/${index}/become`);

/**
 * The flow or broadcast that a fire of a schedule starts. It has the time at which the fire is due, and follows from the
 * schedule, the nominal time and the number of the fire: no two fires have the same.
 */
export const firedId = ({
  schedule,
  nominal,
  n,
  due,
}: Pick<FireRecord, 'schedule' | 'nominal' | 'n' | 'due'>): BatchId =>
  timeChars(due) + drawnFrom(`${schedule}@${nominal}/${n}`);

function timeChars(ms: number): string {
  let left = Math.max(0, Math.floor(ms));
  let chars = '';
  while (chars.length < TIME_CHARS) {
    chars = CROCKFORD.charAt(left % 32) + chars;
    left = Math.floor(left / 32);
  }
  return chars;
}
