import {
  FAILURES,
  LIMITS,
  OUTCOMES,
  RecordError,
  type AttemptEnd,
  type AttemptOutcome,
  type Outcome,
  type Range,
  type RangeEnd,
  type TaskFailure,
  type TaskId,
} from '@drover/core';
import * as z from 'zod';
import { stepReportFields, type StepReport } from './flows.js';
import type { Spent } from './names.js';
import {
  areStretches,
  count,
  formatRecord,
  parseJson,
  parseRecord,
  position,
  ranges,
  STRETCHES,
  utf8,
  version as v,
} from './json.js';

/**
 * Results: line 1 says which tasks ended how, then one line per task whose outcome has something to tell (a result or
 * an error), in the order of line 1. The leader reads line 1 alone, or, for `.ok` results, nothing at all.
 */
const endSchema = z.union([
  z.tuple([position, position, z.enum(OUTCOMES)]),
  /** With the delay before the next attempt that the worker asks for. */
  z.tuple([position, position, z.enum(OUTCOMES), z.number().nonnegative()]),
]);
/** Of one report: a key of a limit stands in it once. */
const MOST_HOLDS = LIMITS.readableTasks;
const headerSchema = z.looseObject({
  v,
  /** The writer: a worker, or the leader for one (`end` results); with `leader` the scheduler that led. */
  worker: z.string(),
  /** The leader ended tasks that no worker had: it cancelled them, or set them to run again. */
  leader: z.literal(true).optional(),
  /** The person who asked for that, and the reason. */
  by: z.string().optional(),
  reason: z.string().optional(),
  /** The worker died with these tasks, by itself or among many: the next leader takes them for suspects. */
  death: z.enum(['one', 'many']).optional(),
  attempt: count,
  at: z.number(),
  tasks: z.array(endSchema).refine(areStretches, STRETCHES),
  /**
   * Of the tasks that failed: those that are to run again later, and have used up no attempt. Their outcome is `later`;
   * earlier versions overlook this field, and count them as failed.
   */
  later: ranges.optional(),
  /**
   * Of the tasks that failed: those that made room for others, which used up nothing but the number of the attempt. Their
   * outcome is `preempted`; earlier versions overlook this field, and count them as failed.
   */
  preempted: ranges.optional(),
  /** Tasks whose line has a checkpoint for their next attempt. */
  checkpoints: ranges.optional(),
  /** Keys of limits that are to start nothing, and for how many milliseconds from the arrival of the report. */
  hold: z
    .array(z.tuple([z.string(), z.number().nonnegative()]))
    .max(MOST_HOLDS)
    .optional(),
  /** Microseconds: `[ranUs, heldUs]`, see `Spent`. An `ok` has it in its name. */
  spent: z.tuple([count, count]).optional(),
  /** Microseconds: how long each of the tasks took, added up. Only where the assignment asks for it. */
  busy: count.optional(),
  /** The leader has started tasks for these dead letters, in the same transaction. */
  told: ranges.optional(),
  ...stepReportFields,
});

const failureSchema = z.looseObject({
  name: z.string(),
  message: z.string(),
  stack: z.string().optional(),
  retryable: z.boolean(),
});

export interface ResultHeader extends StepReport {
  worker: string;
  /** True: `worker` is the id of a scheduler, no worker had the tasks. */
  leader?: true;
  /** The person who asked the leader for it, and the reason. */
  by?: string;
  reason?: string;
  /** The worker died with these tasks, by itself or among many. */
  death?: 'one' | 'many';
  attempt: number;
  at: number;
  ends: RangeEnd[];
  /** Limits, with or without a key (`stripe/acme`), of which nothing is to start for so long. */
  holds?: LimitHold[];
  spent?: Spent;
  /** Microseconds: how long each of the tasks took, added up. */
  busyUs?: number;
  /** The leader has started tasks for these dead letters, in the same transaction. */
  told?: Range[];
  /** Tasks whose line has a checkpoint for their next attempt. */
  checkpoints?: Range[];
}

export interface LimitHold {
  limit: string;
  ms: number;
}

/**
 * The line of one task. `ms`: how long the handler ran. `log`: the end of what it logged, where the worker stores that.
 */
export type TaskLine =
  | { result: unknown; ms: number; log?: readonly string[] }
  | { error: TaskFailure; ms: number; log?: readonly string[]; checkpoint?: unknown }
  /** Of a superseded task: the one that runs in its place. */
  | { winner: TaskId; ms: number };

/** How the attempt of one task of a batch ended, with its result or error. */
export interface TaskEnd extends AttemptOutcome {
  index: number;
  line: TaskLine | null;
}

const WITH_LINE: readonly Outcome[] = [
  'succeeded',
  'failed',
  'rejected',
  'timed-out',
  'later',
  'preempted',
  'superseded',
  'refused',
];
export const hasLine = (outcome: Outcome): boolean => WITH_LINE.includes(outcome);

/** `result` is JSON text already: results cross this process as text, they are never parsed here. */
export function encodeSucceeded(result: string, ms: number): string {
  return `{"result":${result},"ms":${roundMs(ms)}}`;
}
/** Throws `RecordError` where a reader would refuse it. */
export function encodeFailure(error: TaskFailure, ms: number): string {
  if (!failureSchema.safeParse(error).success)
    throw new RecordError('a failure cannot be written', 'expected name and message as text, and retryable');
  return JSON.stringify({ error, ms: roundMs(ms) });
}
/** Of a superseded task. `ms`: how long its handler ran. */
export const encodeWinner = (winner: TaskId, ms: number): string => JSON.stringify({ winner, ms: roundMs(ms) });
/** The same line with the end of a log, which is a list of texts in JSON. */
export const withLog = (line: string, log: string): string => `${line.slice(0, -1)},"log":${log}}`;
/** The same line with what the attempt leaves for the next one, which is JSON. */
export const withCheckpoint = (line: string, checkpoint: string): string =>
  `${line.slice(0, -1)},"checkpoint":${checkpoint}}`;
const roundMs = (ms: number): number => Math.round(ms * 100) / 100;

/** `lines`: one for every task whose outcome has one, in the order of `ends`. Throws `RecordError`. */
export function encodeResult(header: ResultHeader, lines: readonly string[]): string {
  const tasks = header.ends.map(({ from, to, outcome, retryAfterMs }) => {
    if (outcome === 'preempted') return [from, to, 'failed', 0];
    const written = outcome === 'later' ? 'failed' : outcome;
    return retryAfterMs === undefined ? [from, to, written] : [from, to, written, retryAfterMs];
  });
  const { worker, leader, by, reason, death, attempt, at, holds, spent, busyUs: busy, told, checkpoints } = header;
  const { labels, skipped, expanded, becomes } = header;
  const steps = { labels, skipped, expanded, becomes };
  const [later, preempted] = [rangesOf(header.ends, 'later'), rangesOf(header.ends, 'preempted')];
  const hold = holds?.map(({ limit, ms }) => [limit, ms]);
  const times = { ...(spent && { spent: [spent.ranUs, spent.heldUs] }), ...(busy !== undefined && { busy }) };
  const first = formatRecord(
    'the header of a result',
    {
      worker,
      leader,
      by,
      reason,
      death,
      attempt,
      at,
      tasks,
      ...(later.length > 0 && { later }),
      ...(preempted.length > 0 && { preempted }),
      checkpoints,
      hold,
      ...times,
      told,
      ...steps,
    },
    headerSchema,
  );
  const expected = header.ends.reduce((sum, { from, to, outcome }) => sum + (hasLine(outcome) ? to - from : 0), 0);
  if (lines.length !== expected)
    throw new RecordError('a result cannot be written', `${lines.length} lines, the header says ${expected}`);
  return [first, ...lines].join('\n');
}

const rangesOf = (ends: readonly RangeEnd[], which: Outcome): Range[] =>
  ends.flatMap(({ from, to, outcome }): Range[] => (outcome === which ? [[from, to]] : []));

/**
 * An `end` result: what a leader writes about tasks of which no worker gave account. Timed out ones get their reason,
 * superseded and refused ones the task that has their key.
 */
export function encodeEnd(header: ResultHeader): string {
  const lines = header.ends.flatMap((end) =>
    hasLine(end.outcome) ? Array.from({ length: end.to - end.from }, () => leadersLine(end)) : [],
  );
  return encodeResult(header, lines);
}

function leadersLine({ outcome, winner = '', missing, worker, unplaceable }: RangeEnd): string {
  if (outcome === 'superseded') return encodeWinner(winner, 0);
  if (missing !== undefined) return encodeFailure(dependencyFailure(missing), 0);
  if (worker !== undefined) return encodeFailure(workerGoneFailure(worker), 0);
  if (unplaceable !== undefined) return encodeFailure(unplaceableFailure(unplaceable), 0);
  if (outcome === 'preempted') return encodeFailure(PREEMPTED, 0);
  return outcome === 'refused' ? encodeFailure(keyModeFailure(winner), 0) : LEADERS_LINE;
}

const keyModeFailure = (holder: TaskId): TaskFailure => ({
  name: FAILURES.KEY_MODE,
  message:
    `the key was in use by task ${holder}, with another mode: 'first' and the other unique modes do not mix on one key ` +
    'while a task of it is unfinished; use one mode for the key, or submit again when that task has ended',
  retryable: false,
});

const dependencyFailure = (missing: TaskId): TaskFailure => ({
  name: FAILURES.DEPENDENCY,
  message:
    `it was to run after task ${missing}, which is not there: it was never submitted here, or not before this one, or ` +
    'retention has removed it; submit again without it',
  retryable: false,
});

const workerGoneFailure = (worker: string): TaskFailure => ({
  name: FAILURES.WORKER_GONE,
  message:
    `it was for worker ${worker} alone, and no worker of that name could be given it until the time for it was over; ` +
    'retry it when the worker is back',
  retryable: false,
});

const unplaceableFailure = (needs: string): TaskFailure => ({
  name: FAILURES.UNPLACEABLE,
  message:
    `${needs}, and for the time that \`placementTimeout\` gives there was no worker that could take it, even an empty one; ` +
    'start such a worker and retry it, or submit it again with other needs',
  retryable: false,
});

/** Why an attempt failed that the leader ended because of its timeout. */
const TAKEN_AWAY: TaskFailure = {
  name: FAILURES.TIMEOUT,
  message: 'the worker did not end the task in time, and the leader revoked it',
  retryable: true,
};
/** Why an attempt ended that made room for others. */
export const PREEMPTED: TaskFailure = {
  name: FAILURES.PREEMPTED,
  message: 'it made room for tasks that go first; it runs again, and no attempt is used up',
  retryable: true,
};
const LEADERS_LINE = encodeFailure(TAKEN_AWAY, 0);

/** Reads the first line only. Throws `RecordError`. */
export function decodeResultHeader(path: string, data: Uint8Array): ResultHeader {
  const newline = data.indexOf(10);
  return toHeader(path, utf8.decode(newline < 0 ? data : data.subarray(0, newline)));
}

/**
 * Every task's end in the order of the record. Throws `RecordError`, also where lines are missing, or may mean
 * something else in the version that wrote them.
 */
export function decodeResult(path: string, data: Uint8Array): { header: ResultHeader; ends: TaskEnd[] } {
  const lines = utf8.decode(data).split('\n');
  const header = toHeader(path, lines[0] ?? '', 'and-lines');
  const ends: TaskEnd[] = [];
  let at = 1;
  for (const { from, to, outcome, retryAfterMs } of header.ends) {
    for (let index = from; index < to; index++) {
      const line = hasLine(outcome) ? parseLine(path, lines[at++]) : null;
      ends.push(retryAfterMs === undefined ? { index, outcome, line } : { index, outcome, line, retryAfterMs });
    }
  }
  if (at !== lines.length) throw new RecordError(path, `${lines.length - 1} lines, the header says ${at - 1}`);
  return { header, ends };
}

/**
 * As `decodeResult`, of the first line alone: how each task ended, without results and errors. Throws `RecordError`.
 */
export function decodeEnds(path: string, data: Uint8Array): { header: ResultHeader; ends: TaskEnd[] } {
  const header = decodeResultHeader(path, data);
  const ends = header.ends.flatMap(({ from, to, outcome, retryAfterMs }) =>
    Array.from({ length: to - from }, (_, at): TaskEnd => {
      const end = { index: from + at, outcome, line: null };
      return retryAfterMs === undefined ? end : { ...end, retryAfterMs };
    }),
  );
  return { header, ends };
}

/**
 * The result without what these tasks said: their results are `null`, their errors keep the name alone, and how they ended
 * stays. `null`: there is nothing to erase in it. Throws `RecordError` where a line of the record may mean something else
 * than this program knows.
 */
export function eraseFromResult(path: string, data: Uint8Array, indexes: ReadonlySet<number>): string | null {
  const lines = utf8.decode(data).split('\n');
  const { ends } = decodeResult(path, data);
  let changed = false;
  let at = 1;
  for (const { index, line } of ends) {
    if (line === null) continue;
    const erased = indexes.has(index) ? erasedLine(line) : null;
    if (erased !== null && lines[at] !== erased) {
      lines[at] = erased;
      changed = true;
    }
    at++;
  }
  return changed ? lines.join('\n') : null;
}

/** `null`: it tells nothing but which task ran in the place of this one. */
function erasedLine(line: TaskLine): string | null {
  if ('result' in line) return encodeSucceeded('null', line.ms);
  if ('winner' in line) return null;
  const { name, retryable } = line.error;
  return encodeFailure({ name, message: ERASED_MESSAGE, retryable }, line.ms);
}

const ERASED_MESSAGE = 'the text of this error was erased';

/** Checked by hand: a client reads tens of thousands of them a second, and all but a few are results. */
function parseLine(path: string, line: string | undefined): TaskLine {
  if (line === undefined) throw new RecordError(path, 'a line is missing');
  const value = withoutGarbage(parseJson(path, line));
  if (typeof value === 'object' && value !== null && 'ms' in value && typeof value.ms === 'number') {
    if ('result' in value) return value as TaskLine;
    if ('winner' in value && typeof value.winner === 'string') return value as TaskLine;
    if ('error' in value && failureSchema.safeParse(value.error).success) return value as TaskLine;
  }
  throw new RecordError(path, `neither a result nor an error: ${line.slice(0, 40)}`);
}

/** A log that is none does not make the result unreadable. */
function withoutGarbage(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('log' in value) || isLog(value.log)) return value;
  const { log: _log, ...rest } = value;
  return rest;
}

const isLog = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((line) => typeof line === 'string');

function toHeader(path: string, line: string, wanted: 'alone' | 'and-lines' = 'alone'): ResultHeader {
  try {
    return fullHeader(path, line);
  } catch (error) {
    const mayGuess = error instanceof RecordError && !(wanted === 'and-lines' && error.isNewer);
    const essential = mayGuess ? essentialHeader(path, line) : null;
    if (essential === null) throw error;
    return essential;
  }
}

function fullHeader(path: string, line: string): ResultHeader {
  const record = parseRecord(path, line, headerSchema);
  const { worker, leader, by, reason, death, attempt, at, tasks, later, preempted, hold, spent, busy, told } = record;
  const ends = tasks.map(([from, to, written, retryAfterMs]) => {
    if (written === 'failed' && isAmong(preempted, from)) return { from, to, outcome: 'preempted' as const };
    const outcome = written === 'failed' && isAmong(later, from) ? 'later' : written;
    return retryAfterMs === undefined ? { from, to, outcome } : { from, to, outcome, retryAfterMs };
  });
  const header: ResultHeader = { worker, attempt, at, ends };
  if (spent !== undefined) header.spent = { ranUs: spent[0], heldUs: spent[1] };
  if (busy !== undefined) header.busyUs = busy;
  if (hold !== undefined) header.holds = hold.map(([limit, ms]) => ({ limit, ms }));
  if (leader !== undefined) header.leader = leader;
  if (by !== undefined) header.by = by;
  if (reason !== undefined) header.reason = reason;
  if (death !== undefined) header.death = death;
  if (told !== undefined) header.told = told;
  if (record.checkpoints !== undefined) header.checkpoints = record.checkpoints;
  return { ...header, ...stepReportOf(record) };
}

function stepReportOf({ labels, skipped, expanded, becomes }: z.output<typeof headerSchema>): StepReport {
  return {
    ...(labels && { labels }),
    ...(skipped && { skipped }),
    ...(expanded && { expanded }),
    ...(becomes && { becomes }),
  };
}

/** A stretch of ends is of one outcome, and so is one of these: where it begins is enough. */
const isAmong = (stretches: readonly Range[] | undefined, from: number): boolean =>
  stretches?.some((stretch) => stretch[0] <= from && from < stretch[1]) === true;

/**
 * Makes the best of a header that is not as it should be: a writer that checked too little, or a later version. Which
 * tasks of which attempt ended how is all that scheduling needs, so these two fields mean the same in every version,
 * and a later one that must not be read so leaves them out. `null`: not even that is there.
 */
function essentialHeader(path: string, line: string): ResultHeader | null {
  const parsed = essentialSchema.safeParse(parseJson(path, line));
  if (!parsed.success) return null;
  const { worker, attempt, at, tasks, preempted } = parsed.data;
  const ends = tasks.map(([from, to, written]) => {
    const outcome = written === 'failed' && isAmong(preempted, from) ? 'preempted' : written;
    return { from, to, outcome };
  });
  return { worker, attempt, at, ends };
}

const essentialSchema = z.looseObject({
  worker: z.string().catch(''),
  attempt: count,
  at: z.number().catch(0),
  tasks: z.array(z.tuple([position, position, z.enum(OUTCOMES)], z.unknown())).refine(areStretches, STRETCHES),
  preempted: ranges.optional().catch(undefined),
});

/** The same for the rules of attempts (`foldEnd`). */
export function attemptEndOf({ outcome, retryAfterMs }: TaskEnd, { attempt }: ResultHeader): AttemptEnd {
  return retryAfterMs === undefined ? { outcome, attempt } : { outcome, attempt, retryAfterMs };
}

/** The meaning of an outcome by itself. */
const TOLD_BY_OUTCOME: Readonly<Partial<Record<Outcome, TaskFailure>>> = {
  lost: {
    name: FAILURES.WORKER_LOST,
    message: 'the worker died or lost its session while the task was assigned to it',
    retryable: false,
  },
  expired: {
    name: FAILURES.EXPIRED,
    message: 'the task was not started within the time that `expires` gave it from when it was due',
    retryable: false,
  },
  exceeded: {
    name: FAILURES.DEADLINE,
    message: 'the task did not end within the time that `deadline` gave it from its submit',
    retryable: false,
  },
};

/** The reason of a failed task whose last end carries no error of its own. */
export function failureOf(end: TaskEnd): TaskFailure {
  if (end.line !== null && 'error' in end.line) return end.line.error;
  if (end.outcome === 'timed-out') return TAKEN_AWAY;
  return (
    TOLD_BY_OUTCOME[end.outcome] ?? {
      name: FAILURES.CANCELLED,
      message: `the attempt ended as ${end.outcome}`,
      retryable: false,
    }
  );
}
