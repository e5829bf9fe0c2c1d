import type { BroadcastOptions, Duration, SubmitOptions, TaskId } from '@drover/core';
import type { Flow, Plan } from '@drover/flow';
import type { Change } from '@drover/inspect';
import type { CatchUp, Overlap, WhenEntry } from '@drover/schedules';
import type { StartOptions } from '../flows/start-options.js';
import type { AskOptions } from '../options.js';

/** Each fire is a task. */
export type TaskOfFire = { type: string; payload?: unknown; flow?: undefined; broadcast?: undefined } & Omit<
  SubmitOptions,
  'key' | 'unique' | 'delay'
>;

/** Each fire starts a run of a flow, with the plan that the flow has now. */
export type FlowOfFire<Input = unknown> = {
  /** The result of `flow()`, or its plan. As it is stored: its name, and `plan` is the hash of its plan. */
  flow: Flow<Input> | Plan | string;
  plan?: string | undefined;
  type?: undefined;
  broadcast?: undefined;
} & Pick<StartOptions, 'queue' | 'tenant' | 'priority' | 'limits' | 'deadline'> &
  (unknown extends Input ? { input?: unknown } : { input: Input });

/**
 * Each fire starts a broadcast, of tasks of this type. `key`: by default all broadcasts of a schedule have the same one, so who
 * joins is given the newest of them alone.
 */
export type BroadcastOfFire = {
  broadcast: string;
  payload?: unknown;
  type?: undefined;
  flow?: undefined;
} & BroadcastOptions;

/** A schedule, as it is given. */
export interface ScheduleInput<Input = unknown> {
  /** When it fires: an entry, or a list of them, all of whose times count. */
  when: WhenEntry | readonly WhenEntry[];
  /** The thing that each fire starts. */
  run: TaskOfFire | FlowOfFire<Input> | BroadcastOfFire;
  /** The fate of a fire while an earlier one has not ended. Default `skip`. */
  overlap?: Overlap | undefined;
  /** Which of the times that passed while nobody led run. Default: the latest, of those of the last day. */
  catchUp?: CatchUp | { window?: Duration | undefined; run?: CatchUp | undefined } | undefined;
  /** Each fire is late by a part of this, always the same for a schedule: so that not all fire at once. */
  spread?: Duration | undefined;
  /** Each fire is late by a part of this, another one each time. */
  jitter?: Duration | undefined;
  /** So many fires in a row failed: it is paused. Default: never. */
  pauseAfterFailures?: number | undefined;
  labels?: Readonly<Record<string, string>> | undefined;
  note?: string | undefined;
}
export type NamedSchedule = { name: string } & ScheduleInput;

/** A fire has started exactly one of these. */
export interface Started {
  task?: TaskId;
  /** A run of a flow: `drover.flowRun(run)`. */
  run?: string;
  /** `drover.broadcasts.of(broadcast)`. */
  broadcast?: string;
}

/** Instants are ISO text in UTC: `2026-03-30T00:30:00Z`. */
export interface FireTime {
  nominal: string;
  due: string;
}

export interface ScheduleReply {
  name: string;
  change: 'created' | 'changed' | 'unchanged';
  revision: number;
}

/** The record of a schedule. */
export interface ScheduleSummary {
  name: string;
  revision: number;
  /** As it is stored: it is what `set` takes. */
  spec: ScheduleInput;
  changedBy: Change;
  paused: Change | null;
  /** Since when it can fire no more; milliseconds since 1970. */
  endedAt: number | null;
  next: FireTime[];
  last: (FireTime & Started) | null;
  fired: number;
  skipped: number;
  missed: number;
  excluded: number;
  /** Of the fired ones. */
  failed: number;
  /** The last reason of each kind. */
  reasons: { skipped?: string; missed?: string; failed?: string };
}

export interface ScheduleFire extends FireTime, Started {
  kind: string;
}

/** Times of the past that are made anew. */
export interface BackfillOptions extends AskOptions {
  /** The first instant: text with a zone (`2026-01-01T00:00:00Z`), a `Date`, or milliseconds since 1970. */
  from: string | number | Date;
  /** The times are before this instant. Default: now. */
  to?: string | number | Date | undefined;
  /** So many of its tasks are unfinished at a time, whatever the overlap policy of the schedule: 1 to 1,000. Default 1. */
  parallel?: number | undefined;
  /** Which times come first. Default `oldest`. */
  order?: 'oldest' | 'newest' | undefined;
  /**
   * `missing` (default): only times of which no fire is kept. `failed`: also those whose fires failed. Both are refused for times
   * before fires that retention has removed, because nobody knows about them. `all`: every time.
   */
  redo?: 'missing' | 'failed' | 'all' | undefined;
  /** Nothing is written: the times that would be made are told, 100,000 at most. */
  dryRun?: boolean | undefined;
}

/** A back-fill. Instants are ISO text in UTC. */
export interface BackfillView {
  id: string;
  from: string;
  to: string;
  /** How far it has come: with `oldest` the times before it are decided, with `newest` it and those after it. */
  cursor: string;
  parallel: number;
  order: 'oldest' | 'newest';
  redo: 'missing' | 'failed' | 'all';
  /** Times that became tasks, and that were left out because they have a fire. */
  fired: number;
  skipped: number;
  /** Its tasks that have not ended. */
  running: number;
  asked: Change;
  /** When its last task had ended; milliseconds since 1970. `null`: it goes on. */
  endedAt: number | null;
}

export interface ScheduleView extends ScheduleSummary {
  /** Why it stands still; `null`: it does not. */
  broken: string | null;
  /** Why no schedule fires now: `skew`, clocks disagree; `intake`, no tasks are accepted. `null`: they fire. */
  held: { code: string; reason: string } | null;
  running: ScheduleFire[];
  waiting: ScheduleFire[];
  /** Those that go on, and the last three that have ended. */
  backfills: BackfillView[];
}

export interface ApplyOptions extends AskOptions {
  /** Nothing is written: what would change is told. */
  dryRun?: boolean | undefined;
  /** Schedules with all of these labels that are not given are removed. */
  prune?: Readonly<Record<string, string>> | undefined;
}
/** Names. */
export interface Applied {
  created: string[];
  changed: string[];
  unchanged: string[];
  pruned: string[];
}

export interface Schedules {
  /**
   * Creates or changes a schedule. A flow that is given is stored with it, and kept as long as a schedule names it. Throws `InvalidArgumentError` before anything is written. `ifRevision`: the revision
   * that is expected, 0 for none; throws `RevisionConflictError` if it is another.
   */
  set<Input = unknown>(
    name: string,
    spec: ScheduleInput<Input>,
    options?: AskOptions & { ifRevision?: number },
  ): Promise<ScheduleReply>;
  /** Asks the leader. Throws `ScheduleNotFoundError`. */
  get(name: string): Promise<ScheduleView>;
  /** Reads ZooKeeper, by name; needs no leader. `labels`: only those that have all of these. */
  list(options?: { labels?: Readonly<Record<string, string>> }): Promise<ScheduleSummary[]>;
  /** No time fires until it is resumed, and none is caught up afterwards. Throws `ScheduleNotFoundError`. */
  pause(name: string, reason?: string, asked?: AskOptions): Promise<void>;
  resume(name: string, reason?: string, asked?: AskOptions): Promise<void>;
  /**
   * Fires it now, also while it is paused. Throws `CommandRefusedError` where the overlap policy (default: the schedule's)
   * skips it.
   */
  trigger(name: string, options?: AskOptions & { overlap?: Overlap }): Promise<Started>;
  /**
   * Every time up to now counts as decided: the next fire is the first time after now. For the time after a clock was wrong. Throws
   * `ScheduleNotFoundError`, and `CommandRefusedError` while fires are held because clocks disagree.
   */
  reset(name: string, options: AskOptions & { mark: 'now' }): Promise<void>;
  /**
   * Makes tasks for times of the past: in the background, also across changes of the leader, while live fires go first. Also while
   * the schedule is paused. Ten at a time a schedule. Throws `ScheduleNotFoundError`, and `InvalidArgumentError` where the range has
   * no time, is not over, or where it is not known which times are missing.
   */
  backfill(name: string, options: BackfillOptions & { dryRun: true }): Promise<{ times: string[] }>;
  backfill(name: string, options: BackfillOptions & { dryRun?: false | undefined }): Promise<BackfillView>;
  /** Its back-fills: those that go on, and the last three that have ended. Throws `ScheduleNotFoundError`. */
  backfills(name: string): Promise<BackfillView[]>;
  /** It makes no more tasks; `cancel`: those that have not ended are cancelled, too. */
  removeBackfill(name: string, id: string, options?: AskOptions & { cancel?: boolean }): Promise<void>;
  /** Waiting fires are cancelled; `cancel`: running ones, too. */
  remove(name: string, options?: AskOptions & { cancel?: boolean }): Promise<void>;
  /** The next fires after `from` (default: now), `count` of them (default 10). Reads named calendars, and else nothing. */
  preview(
    spec: Pick<ScheduleInput, 'when' | 'spread' | 'jitter'>,
    options?: { name?: string; from?: number | string | Date; count?: number },
  ): Promise<FireTime[]>;
  /** Makes the schedules what is given. All of it is checked before anything is written. */
  apply(schedules: Iterable<NamedSchedule>, options?: ApplyOptions): Promise<Applied>;
  /** The argument of `apply`, with the plans of flows. */
  export(options?: { labels?: Readonly<Record<string, string>> }): Promise<NamedSchedule[]>;
}

export interface CalendarView {
  name: string;
  dates: string[];
  changedBy: Change;
}
export interface Calendars {
  /** `dates`: such as `2026-12-25`, 10,000 at most. */
  set(name: string, dates: readonly string[], asked?: AskOptions): Promise<void>;
  /** One that schedules name is kept, unless it is forced. */
  remove(name: string, options?: AskOptions & { force?: boolean }): Promise<void>;
  list(): Promise<CalendarView[]>;
}
