import { toRanges, type Outcome, type Range, type RangeEnd } from '@drover/core';
import {
  encodeResult,
  resultName,
  resultPath,
  withCheckpoint,
  withLog,
  type LimitHold,
  type Spent,
} from '@drover/protocol';
import type { Operation } from '@drover/zookeeper';
import { resultTooLarge } from '../execution/result-text.js';
import { toEnded, type Ended } from '../run/ended.js';
import { saysMore, stepReport } from './step-report.js';
import type { Work } from '../run/work.js';

/** A result on its way into ZooKeeper. It never changes: one whose fate is unknown is sent again as it was. */
export interface Report {
  readonly work: Work;
  /** With this one the assignment is over. */
  readonly isLast: boolean;
  /** The tasks of the report, by position in `work`. */
  readonly positions: readonly number[];
  readonly bytes: number;
  /** Monotonic time when the first of its tasks ended. */
  readonly sinceMs: number;
  /** How long its tasks took, where the leader asks: with what another report of the same time has left. */
  readonly busyMs: number;
  /** As its name says: which part of the assignment, or all of it. */
  readonly part: number | 'ok';
  readonly result: { readonly name: string; readonly data: string };
  /**
   * The result comes first: where it exists already, an earlier try of ours had been applied, even though the assignment
   * is gone by now. `check` accepts any version: the leader may have written into the assignment, it just has to exist.
   */
  readonly operations:
    readonly [create: Operation, fence: Operation] | readonly [create: Operation, fence: Operation, rival: Operation];
}

/**
 * Takes back a report of several tasks that the servers found too large, so that they are reported in smaller ones. A
 * part gets its name again: had an earlier try been applied after all, that name exists.
 */
export function takeBack({ work, positions, part, busyMs }: Report, nowMs: number): void {
  if (part !== 'ok') work.parts = part;
  work.busyMs += busyMs;
  work.untake([...positions, ...work.takeFresh()], nowMs);
}

/** How a task ends whose result of `bytes` the servers do not take: they are set to less than Drover's own limit. */
export function tooLargeFor(bytes: number): Ended {
  const what = `the ZooKeeper servers accept no request with this result of ${bytes} bytes (jute.maxbuffer)`;
  return toEnded(resultTooLarge(what), 0);
}

/** Ends of logs in one report: the tasks beyond it are reported without theirs. */
const LOG_BYTES = 60 * 1024;
/** Paths, headers, and what a request needs besides. */
const OVERHEAD_BYTES = 300;

/** The reporter and the time: `at` in milliseconds since 1970, `nowMs` monotonic. */
export interface Reported {
  worker: string;
  at: number;
  nowMs: number;
  spent: Spent;
}

/**
 * Takes the ended tasks of `work` into a report of at most about `maxBytes` (a single task always fits). The others
 * stay for the next report. `null` where there is nothing.
 */
export function takeReport(work: Work, { worker, at, nowMs, spent }: Reported, maxBytes: number): Report | null {
  if (work.fresh === 0 || work.isHeld) return null;
  if (work.isCopy) beNothing(work);
  const sinceMs = work.freshSinceMs ?? nowMs;
  const taken = work.takeFresh();
  const lines: string[] = [];
  const ends: RangeEnd[] = [];
  let bytes = OVERHEAD_BYTES;
  let count = 0;
  let logBytes = 0;
  for (const position of taken) {
    const { line: bare, log, checkpoint } = work.endAt(position);
    const plain = bare === null || checkpoint === undefined ? bare : withCheckpoint(bare, checkpoint);
    const isLogged = plain !== null && log !== undefined && logBytes < LOG_BYTES;
    const line = isLogged ? withLog(plain, log) : plain;
    if (isLogged) logBytes += lineBytes(log, LOG_BYTES);
    const size = line === null ? 0 : lineBytes(line, maxBytes - bytes);
    if (count > 0 && bytes + size > maxBytes) break;
    bytes += size;
    count++;
    if (line !== null) lines.push(line);
    appendEnd(ends, work, position);
  }
  const positions = count < taken.length ? taken.slice(0, count) : taken;
  if (count < taken.length) work.untake(taken.slice(count), nowMs);
  const isLast = work.isComplete && count === taken.length;
  // The leader reads no `ok`, so what it asked for would not be read either.
  const part = isLast && !work.isTimed && isWhole(work, ends, count) ? 'ok' : work.parts++;
  const { busyMs } = work;
  work.busyMs = 0;
  const busy = work.isTimed ? { busyUs: Math.round(busyMs * 1_000) } : {};
  const steps = stepReport(work, positions);
  const header = {
    worker,
    attempt: work.attempt,
    at,
    ends,
    ...holdsOf(work, positions),
    ...busy,
    ...steps,
    ...checkpointsOf(work, positions),
  };
  const data = encodeResult(part === 'ok' ? header : { ...header, spent }, lines);
  const name = resultName({ ...work.origin, part, ...(part === 'ok' ? { spent } : {}) });
  const path = resultPath(work.batchId, name);
  const fence: Operation = isLast
    ? { op: 'delete', path: work.path }
    : { op: 'check', path: work.path, version: 'any' };
  const create: Operation = { op: 'create', path, data };
  const rival = isLast ? rivalOf(work, positions) : null;
  const operations = rival === null ? ([create, fence] as const) : ([create, fence, rival] as const);
  return { work, isLast, positions, bytes, sinceMs, part, busyMs, result: { name, data }, operations };
}

/** A copy that did not succeed is handed back: the attempt beside which it was begun goes on, and nothing is used up. */
function beNothing(work: Work): void {
  const fresh = work.takeFresh();
  for (const position of fresh)
    if (work.endAt(position).outcome !== 'succeeded') work.replaceEnd(position, { outcome: 'returned', line: null });
  work.untake(fresh, work.endedMs);
}

/** The worker that succeeds deletes both assignments, so ZooKeeper accepts one of the two. */
function rivalOf(work: Work, positions: readonly number[]): Operation | null {
  const { rival } = work;
  const hasSucceeded = positions.some((position) => work.endAt(position).outcome === 'succeeded');
  return rival !== null && hasSucceeded ? { op: 'delete', path: rival } : null;
}

/** Bytes of UTF-8, counted only where the upper bound does not fit. */
function lineBytes(line: string, room: number): number {
  const atMost = line.length * 3 + 1;
  return atMost <= room && line.length < 1_000 ? line.length + 1 : Buffer.byteLength(line) + 1;
}

function appendEnd(ends: RangeEnd[], work: Work, position: number): void {
  const index = work.indexes[position] ?? 0;
  const { outcome, retryAfterMs } = work.endAt(position);
  const last = ends.at(-1);
  if (last?.to === index && last.outcome === outcome && last.retryAfterMs === retryAfterMs) last.to = index + 1;
  else ends.push({ from: index, to: index + 1, outcome, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
}

/** Limits that handlers asked to hold: each once, for the longest of these times. */
function holdsOf(work: Work, positions: readonly number[]): { holds?: LimitHold[] } {
  let longest: Map<string, number> | null = null;
  for (const position of positions) {
    const { holds, retryAfterMs: ms = 0 } = work.endAt(position);
    if (holds === undefined) continue;
    longest ??= new Map();
    for (const limit of holds) longest.set(limit, Math.max(longest.get(limit) ?? 0, ms));
  }
  return longest === null ? {} : { holds: [...longest].map(([limit, ms]) => ({ limit, ms })) };
}

/** Those that leave something for their next attempt. */
function checkpointsOf(work: Work, positions: readonly number[]): { checkpoints?: Range[] } {
  const left = positions.filter((position) => work.endAt(position).checkpoint !== undefined);
  return left.length === 0 ? {} : { checkpoints: toRanges(left.map((position) => work.indexes[position] ?? 0)) };
}

/** One report for the whole assignment, all of it succeeded: the leader need not read it. */
function isWhole(work: Work, ends: readonly RangeEnd[], count: number): boolean {
  const succeeded: Outcome = 'succeeded';
  const isAll = work.parts === 0 && count === work.size && ends.every((end) => end.outcome === succeeded);
  return isAll && !saysMore(work);
}

/** Puts reports into transactions, in order. */
export function packReports(reports: readonly Report[], maxBytes: number, maxOperations: number): Report[][] {
  const packs: Report[][] = [];
  let bytes = 0;
  for (const report of reports) {
    const pack = packs.at(-1);
    const fits = bytes + report.bytes <= maxBytes && (pack?.length ?? 0) * 2 + 2 <= maxOperations;
    if (pack !== undefined && fits) pack.push(report);
    else {
      packs.push([report]);
      bytes = 0;
    }
    bytes += report.bytes;
  }
  return packs;
}
