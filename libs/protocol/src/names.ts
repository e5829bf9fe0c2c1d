import { isBatchId, type BatchId } from '@drover/core';

/**
 * Names that say what a reader would otherwise have to fetch.
 *
 * An assignment is `<batch>.e<epoch>-<n>`: a worker that hears of it can read the batch at once. `n` counts within the
 * epoch; together they order everything that ever happened to a task.
 * Results of it, below the batch, are `e<epoch>-<n>.<part>`, where part is
 *   `ok`  one report for the whole assignment, every task succeeded: the leader need not read it
 *   0..   a report of some of its tasks, in order; a last one that is not `ok` too
 *   `end` written by the leader: what it took away (lost, timed out, cancelled, requeued)
 */
export interface Origin {
  epoch: number;
  n: number;
}
export interface ResultName extends Origin {
  part: number | 'ok' | 'end';
}

export const originName = (origin: Origin): string => `e${origin.epoch}-${origin.n}`;
export const assignmentName = (batch: BatchId, origin: Origin): string => `${batch}.${originName(origin)}`;
export const resultName = (name: ResultName): string => `${originName(name)}.${name.part}`;

export function parseAssignmentName(name: string): ({ batch: BatchId } & Origin) | null {
  const match = /^([0-9A-Z]{26})\.e(\d{1,15})-(\d{1,15})$/.exec(name);
  return match?.[1] !== undefined && isBatchId(match[1])
    ? { batch: match[1], epoch: Number(match[2]), n: Number(match[3]) }
    : null;
}

export function parseResultName(name: string): ResultName | null {
  const match = /^e(\d{1,15})-(\d{1,15})\.(ok|end|\d{1,15})$/.exec(name);
  if (match === null) return null;
  const part = match[3] === 'ok' || match[3] === 'end' ? match[3] : Number(match[3]);
  return { epoch: Number(match[1]), n: Number(match[2]), part };
}

/** Orders results of one batch as they came about: by epoch, assignment, part; the leader's word is the last. */
export function compareResultNames(a: ResultName, b: ResultName): number {
  return a.epoch - b.epoch || a.n - b.n || rank(a.part) - rank(b.part);
}

const rank = (part: ResultName['part']): number =>
  part === 'end' ? Number.MAX_SAFE_INTEGER : part === 'ok' ? 0 : part;
