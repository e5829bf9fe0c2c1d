import { isValid, monotonicFactory } from 'ulid';

/**
 * Batch ids are ULIDs: made by whoever submits, ordered by time, 26 characters of Crockford's base 32
 * (https://github.com/ulid/spec). A task's id names its batch and its line there: `01J...9A.17`.
 */
export type BatchId = string;
export type TaskId = string;

/** Ids that grow within one process, also within one millisecond. `random` is uniform in [0, 1). */
export function batchIds(now: () => number, random: () => number): () => BatchId {
  const next = monotonicFactory(random);
  return () => next(now());
}

export function taskId(batch: BatchId, index: number): TaskId {
  return `${batch}.${index}`;
}

/** `null` where `text` is no task id. */
export function parseTaskId(text: string): { batch: BatchId; index: number } | null {
  const dot = text.indexOf('.');
  const batch = text.slice(0, Math.max(dot, 0));
  const index = text.slice(dot + 1);
  return isBatchId(batch) && /^(0|[1-9]\d{0,5})$/.test(index) ? { batch, index: Number(index) } : null;
}

export function isBatchId(text: string): boolean {
  return text.length === 26 && text === text.toUpperCase() && isValid(text);
}

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** When the id was drawn, by the clock of whoever drew it: milliseconds since 1970. */
export function timeOfBatch(batch: BatchId): number {
  let time = 0;
  for (let i = 0; i < 10; i++) time = time * 32 + CROCKFORD.indexOf(batch.charAt(i));
  return time;
}
