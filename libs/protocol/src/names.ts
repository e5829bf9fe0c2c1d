import { isBatchId, type BatchId } from '@drover/core';

/**
 * Names of znodes that carry facts, so that a reader need not fetch the data.
 *
 * An assignment is `<batch>.e<epoch>-<n>`: a worker that sees it can read the batch at once. `n` counts within the
 * epoch; together they order everything that ever happened to a task. Results of it, below the batch, are
 * `e<epoch>-<n>.<part>`, where part is
 *   `ok`  one report for the whole assignment, every task succeeded: the leader need not read it. A worker may write its
 *         times behind it: `ok-<ranUs>-<heldUs>`
 *   0..   a report of some of its tasks, in order; a last one that is not `ok` too
 *   `end` written by the leader: what it took away or ended (lost, timed out, cancelled, expired, exceeded, requeued)
 * Any other part is of a later version: its record may make sense all the same, so it is read.
 */
export interface Origin {
  epoch: number;
  n: number;
}
export interface ResultName extends Origin {
  part: number | 'ok' | 'end' | 'other';
  /** Only for `other`: the part as it is in the name. */
  text?: string;
  /** Only for `ok`. Other reports have it in their header. */
  spent?: Spent;
}

/** The worker's time for a report, in whole microseconds: the leader uses it to decide how many tasks to hand out. */
export interface Spent {
  /** The time in which tasks of the report ran; the time of two that ran at once counts only once. */
  ranUs: number;
  /** From the arrival of the assignment at the worker until this report. */
  heldUs: number;
}

export const originName = (origin: Origin): string => `e${origin.epoch}-${origin.n}`;
export const assignmentName = (batch: BatchId, origin: Origin): string => `${batch}.${originName(origin)}`;
export function resultName({ part, spent, text, ...origin }: ResultName): string {
  const name = `${originName(origin)}.${part === 'other' ? (text ?? part) : part}`;
  return part === 'ok' && spent !== undefined ? `${name}-${spent.ranUs}-${spent.heldUs}` : name;
}

/** Without leading zeros: each number has one spelling only, so that no two names mean the same. */
const N = '(0|[1-9]\\d{0,14})';
const ASSIGNMENT = new RegExp(`^([0-9A-Z]{26})\\.e${N}-${N}$`);
const RESULT = new RegExp(`^e${N}-${N}\\.(?:(end|0|[1-9]\\d{0,14})|ok(?:-${N}-${N})?)$`);
const OTHER = new RegExp(`^e${N}-${N}\\.([^/]+)$`);

export function parseAssignmentName(name: string): ({ batch: BatchId } & Origin) | null {
  const match = ASSIGNMENT.exec(name);
  return match?.[1] !== undefined && isBatchId(match[1])
    ? { batch: match[1], epoch: Number(match[2]), n: Number(match[3]) }
    : null;
}

export function parseResultName(name: string): ResultName | null {
  const match = RESULT.exec(name);
  if (match === null) return parseOther(name);
  const [, epoch, n, part, ranUs, heldUs] = match;
  const origin = { epoch: Number(epoch), n: Number(n) };
  if (part !== undefined) return { ...origin, part: part === 'end' ? part : Number(part) };
  if (ranUs === undefined) return { ...origin, part: 'ok' };
  return { ...origin, part: 'ok', spent: { ranUs: Number(ranUs), heldUs: Number(heldUs) } };
}

function parseOther(name: string): ResultName | null {
  const match = OTHER.exec(name);
  return match?.[3] === undefined
    ? null
    : { epoch: Number(match[1]), n: Number(match[2]), part: 'other', text: match[3] };
}

/** Orders results of one batch by epoch, assignment and part, as they were written; the leader's `end` is the last. */
export function compareResultNames(a: ResultName, b: ResultName): number {
  return a.epoch - b.epoch || a.n - b.n || rank(a.part) - rank(b.part) || compareTexts(a.text ?? '', b.text ?? '');
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Whether a result was written for `settled` (`e7-42`) or for something before it. False where that is no such name. */
export function isSettledBy(settled: string, { epoch, n }: Origin): boolean {
  const last = parseResultName(`${settled}.end`);
  return last !== null && (epoch - last.epoch || n - last.n) <= 0;
}

/**
 * The worker's id in paths: no two sessions ever have the same, so an assignment cannot outlive its session unnoticed.
 */
export const workerId = (name: string, sessionId: bigint): string =>
  `${name}-${BigInt.asUintN(64, sessionId).toString(36)}`;

/**
 * The name in a worker's id. A text that does not end with a session id (a leader's name in a result) is kept whole.
 */
export const workerName = (id: string): string => id.replace(/-[0-9a-z]{8,13}$/, '');

function rank(part: ResultName['part']): number {
  switch (part) {
    case 'ok':
      return 0;
    case 'end':
      return Number.MAX_SAFE_INTEGER;
    case 'other':
      return Number.MAX_SAFE_INTEGER - 1;
    default:
      return part;
  }
}
