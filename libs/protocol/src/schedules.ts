import { RecordError, type TaskFire } from '@drover/core';
import * as z from 'zod';
import { changeSchema, type ChangeRecord } from './changes.js';
import { FIRE_RUNS } from './features.js';
import { count, formatRecord, parseJson, parseRecord, version as v } from './json.js';

/**
 * Schedules. A page has one definition a line, and its state one short array a line, so that what changes with every
 * fire is small. A line is found by its `slot`. Times are milliseconds since 1970.
 */

export const MAX_SLOTS = 128;
export const MAX_PAGE_BYTES = 48 * 1024;
const slot = count.max(MAX_SLOTS - 1);

/**
 * The change that somebody asked for. Only its outline is checked here: whoever acts on it reads it with `@drover/schedules`, and a
 * schedule that does not make sense stands still by itself.
 */
const specSchema = z.looseObject({
  when: z.array(z.looseObject({})),
  /** A task (`type`), a run of a flow (`flow`, and `plan`: the hash of its plan), or a broadcast (the type of its tasks). */
  run: z.union([
    z.looseObject({ type: z.string() }),
    z.looseObject({ flow: z.string(), plan: z.string() }),
    z.looseObject({ broadcast: z.string() }),
  ]),
});

export const scheduleSchema = z.looseObject({
  v,
  slot,
  name: z.string(),
  /** Grows with each change. */
  revision: count.min(1),
  /** Numbers of its fires are above this one: those of an earlier schedule of its name are not. */
  since: count,
  spec: specSchema,
  changedBy: changeSchema,
});
export interface ScheduleRecord {
  slot: number;
  name: string;
  revision: number;
  since: number;
  spec: { when: object[]; run: RunRecord; [field: string]: unknown };
  changedBy: ChangeRecord;
}
type RunRecord = ({ type: string } | { flow: string; plan: string } | { broadcast: string }) & Record<string, unknown>;

const reasonsSchema = z.looseObject({
  skipped: z.string().optional(),
  missed: z.string().optional(),
  failed: z.string().optional(),
});

export const BACKFILL_ORDERS = ['oldest', 'newest'] as const;
export type BackfillOrder = (typeof BACKFILL_ORDERS)[number];
/** Which times of a back-fill are made again: those without a fire that is kept, also those that failed, or all. */
export const BACKFILL_REDOS = ['missing', 'failed', 'all'] as const;
export type BackfillRedo = (typeof BACKFILL_REDOS)[number];

/** Times of the past that are made anew: those from `from` on and before `to`. */
export const backfillSchema = z.looseObject({
  /** That of the command that asked for it. */
  id: z.string(),
  from: z.number().int(),
  to: z.number().int(),
  /** Oldest first: the times before it are decided. Newest first: it and the times after it are. */
  cursor: z.number().int(),
  /** So many of its tasks are unfinished at a time. */
  parallel: count.min(1),
  order: z.enum(BACKFILL_ORDERS),
  redo: z.enum(BACKFILL_REDOS),
  /** Times that became tasks, and times that were left out, because they have a fire that is kept. */
  fired: count,
  skipped: count,
  asked: changeSchema,
  /** When the last of its tasks had ended; absent: it is open. */
  endedAt: z.number().int().optional(),
});
export type BackfillRecord = z.output<typeof backfillSchema>;

const moreSchema = z.looseObject({
  /** The person who paused it, or why the leader did; absent: it is not paused. */
  paused: changeSchema.optional(),
  /** Since when it can fire no more. */
  endedAt: z.number().optional(),
  /** The last reason of each kind. */
  reasons: reasonsSchema.optional(),
  backfills: z.array(backfillSchema).optional(),
});
export type ScheduleMore = z.output<typeof moreSchema>;

const instant = z.number().int();
const lastFire = z.tuple([instant, instant, z.string()]);

/** A line of the state, in this order. */
const stateSchema = z
  .tuple([
    slot,
    /** Every nominal time up to this one is decided. */
    instant,
    /** The next nominal time, and when it is due; `null`: none is known now. */
    instant.nullable(),
    instant.nullable(),
    /** Of the last fire. */
    count,
    count,
    count,
    count,
    count,
    count,
    /** Fires in a row that failed, and the number of the last one that is counted in it. */
    count,
    count,
    /** `missed` at the last fire. */
    count,
    lastFire.nullable(),
  ])
  .rest(moreSchema);

export interface ScheduleStateRecord {
  slot: number;
  mark: number;
  next: number | null;
  due: number | null;
  seq: number;
  fired: number;
  skipped: number;
  missed: number;
  excluded: number;
  failed: number;
  streak: number;
  judged: number;
  missedThen: number;
  last: readonly [nominal: number, due: number, task: string] | null;
  more?: ScheduleMore;
}

/** One definition a line. Throws `RecordError`. */
export function encodeSchedules(schedules: readonly ScheduleRecord[]): string {
  return schedules.map(encodeSchedule).join('\n');
}

/**
 * The line of one definition: what its size is reckoned from. Programs from before schedules started anything but tasks leave
 * its page alone. Throws `RecordError`.
 */
export const encodeSchedule = (schedule: ScheduleRecord): string =>
  formatRecord(
    `schedule '${schedule.name}'`,
    { ...schedule, needs: startsIn(schedule.spec.run) === 'task' ? [] : [FIRE_RUNS] },
    scheduleSchema,
  );

/** Throws `RecordError` that names the line; where that line is of a later version it `isNewer`. */
export function decodeSchedules(path: string, data: Uint8Array | string): ScheduleRecord[] {
  const lines = (typeof data === 'string' ? data : text(data)).split('\n');
  const schedules = lines.map((line, at) => inLine(path, at + 1, () => decodeSchedule(path, line)));
  unique(
    path,
    schedules.map(({ slot }) => slot),
  );
  return schedules;
}

/** A line of a page. Throws `RecordError` with `path`. */
export function decodeSchedule(path: string, line: string): ScheduleRecord {
  const { v: _v, needs: _needs, ...schedule } = parseRecord(path, line, scheduleSchema);
  return schedule;
}

/** `tz`: the zone data by which the next times were reckoned; absent: nobody knows. */
const stateHeader = z.looseObject({ v, tz: z.string().optional() });

/** The states of a page. `tz`: version of the zone data by which all next times were reckoned; `null`: nobody knows. */
export interface PageStates {
  tz: string | null;
  states: ScheduleStateRecord[];
}

/** The header, then one array a line. Throws `RecordError`. */
export function encodeScheduleStates(states: readonly ScheduleStateRecord[], tz: string | null = null): string {
  const header = formatRecord('the state of a page', tz === null ? {} : { tz }, stateHeader);
  return [header, ...states.map(encodeState)].join('\n');
}

function encodeState(state: ScheduleStateRecord): string {
  const { slot, mark, next, due, seq, fired, skipped, missed, excluded, failed, streak, judged, missedThen } = state;
  const line: unknown[] = [slot, mark, next, due, seq, fired, skipped, missed, excluded, failed, streak, judged];
  line.push(missedThen, state.last);
  if (state.more !== undefined && Object.keys(state.more).length > 0) line.push(state.more);
  return JSON.stringify(line);
}

/** Throws `RecordError`. */
export function decodeScheduleStates(path: string, data: Uint8Array): PageStates {
  const [first = '', ...lines] = text(data).split('\n');
  const { tz = null } = parseRecord(path, first, stateHeader);
  const states = lines.map((line, at) => inLine(path, at + 2, () => decodeState(path, line)));
  unique(
    path,
    states.map(({ slot }) => slot),
  );
  return { tz, states };
}

function decodeState(path: string, line: string): ScheduleStateRecord {
  const parsed = stateSchema.safeParse(parseJson(path, line));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new RecordError(path, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not the state of a schedule'}`);
  }
  const [slot, mark, next, due, seq, fired, skipped, missed, excluded, failed, streak, judged, missedThen, last, more] =
    parsed.data;
  const counts = { seq, fired, skipped, missed, excluded, failed, streak, judged, missedThen };
  return { slot, mark, next, due, ...counts, last, ...(more === undefined ? {} : { more }) };
}

/** An error names the line. */
function inLine<T>(path: string, line: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    const { why, isNewer } = error;
    throw new RecordError(path, `line ${line}: ${why}`, { cause: error, isNewer });
  }
}

function unique(path: string, slots: readonly number[]): void {
  if (new Set(slots).size < slots.length) throw new RecordError(path, 'slot: two lines have the same one');
}

const text = (data: Uint8Array): string => new TextDecoder().decode(data);

/** A named calendar: dates such as `2026-12-25`, ascending. */
export const calendarSchema = z.looseObject({ v, dates: z.array(z.string()), changedBy: changeSchema });
export type CalendarRecord = z.output<typeof calendarSchema>;

/** A fire starts a task, a run of a flow, or a broadcast. */
export const FIRE_STARTS = ['task', 'flow', 'broadcast'] as const;
export type FireStarts = (typeof FIRE_STARTS)[number];

export const startsIn = (run: object): FireStarts =>
  'flow' in run ? 'flow' : 'broadcast' in run ? 'broadcast' : 'task';

/** The thing that a fire started: `id` is that of the task, of the run, or of the broadcast. */
export interface Started {
  readonly starts: FireStarts;
  readonly id: string;
}

/** As the state of a schedule has it: the id of a task alone, else `flow:` or `broadcast:` and the id. */
export const startedText = ({ starts, id }: Started): string => (starts === 'task' ? id : `${starts}:${id}`);

export function startedOf(text: string): Started {
  const [starts = '', id] = text.split(':');
  return id !== undefined && isFireStarts(starts) ? { starts, id } : { starts: 'task', id: text };
}
const isFireStarts = (text: string): text is FireStarts => (FIRE_STARTS as readonly string[]).includes(text);

export const FIRE_KINDS = ['time', 'catch-up', 'trigger', 'backfill'] as const;
export type FireKind = (typeof FIRE_KINDS)[number];
/** How a fire waits for the earlier ones of its schedule, and what it does to them: see `@drover/schedules`. */
export const FIRE_WAITS = ['one', 'latest', 'all', 'cancel', 'terminate'] as const;
export type FireWait = (typeof FIRE_WAITS)[number];

/** Of one task of a batch: which fire it is. */
export interface FireRecord {
  schedule: string;
  /** Grows with each fire of the schedule, across its leaders. */
  n: number;
  nominal: number;
  kind: FireKind;
  /** When it is due, with spread and jitter. */
  due: number;
  /** Nominal times that were missed since the fire before. */
  missed: number;
  /** It waits until every earlier fire of its schedule has ended; absent: it does not. */
  wait?: FireWait;
  /** Of a trigger: the command; of a back-fill: its id. */
  id?: string;
}

const fireMore = z.looseObject({
  due: instant.optional(),
  missed: count.optional(),
  wait: z.enum(FIRE_WAITS).optional(),
  id: z.string().optional(),
});
export const fireSchema = z.tuple([z.string(), count, instant, z.enum(FIRE_KINDS)]).rest(fireMore);

/** Values that equal the default are left out: most fires are four values. */
export function fireLine({ schedule, n, nominal, kind, due, missed, wait, id }: FireRecord): unknown[] {
  const more = {
    ...(due === nominal ? {} : { due }),
    ...(missed === 0 ? {} : { missed }),
    ...(wait === undefined ? {} : { wait }),
    ...(id === undefined ? {} : { id }),
  };
  const line: unknown[] = [schedule, n, nominal, kind];
  return Object.keys(more).length === 0 ? line : [...line, more];
}

export function fireOf([schedule, n, nominal, kind, more = {}]: z.output<typeof fireSchema>): FireRecord {
  const { due = nominal, missed = 0, wait, id } = more;
  return {
    ...{ schedule, n, nominal, kind, due, missed },
    ...(wait === undefined ? {} : { wait }),
    ...(id === undefined ? {} : { id }),
  };
}

/** A fire as its handler sees it. */
export function taskFire({ schedule, nominal, due, kind, missed, id }: FireRecord): TaskFire {
  const mark = kind === 'trigger' ? '#t-' : '#b-';
  const name = `${schedule}@${isoTime(nominal)}${id === undefined ? '' : `${mark}${id}`}`;
  return { id: name, schedule, nominal: isoTime(nominal), due: isoTime(due), kind, missed };
}

/** Without milliseconds where there are none: `2026-03-30T00:30:00Z`. */
export const isoTime = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');
