import type { Duration, SubmitOptions, TaskId } from '@drover/core';
import type { Change } from '@drover/inspect';
import type { CatchUp, Overlap, WhenEntry } from '@drover/schedules';
import type { AskOptions } from '../options.js';

/** A schedule, as it is given. */
export interface ScheduleInput {
  /** When it fires: an entry, or a list of them, all of whose times count. */
  when: WhenEntry | readonly WhenEntry[];
  /** The task of each fire. */
  run: { type: string; payload?: unknown } & Omit<SubmitOptions, 'key' | 'unique' | 'delay'>;
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
  last: (FireTime & { task: TaskId }) | null;
  fired: number;
  skipped: number;
  missed: number;
  excluded: number;
  /** Of the fired ones. */
  failed: number;
  /** The last reason of each kind. */
  reasons: { skipped?: string; missed?: string; failed?: string };
}

export interface ScheduleFire extends FireTime {
  task: TaskId;
  kind: string;
}

export interface ScheduleView extends ScheduleSummary {
  /** Why it stands still; `null`: it does not. */
  broken: string | null;
  running: ScheduleFire[];
  waiting: ScheduleFire[];
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
   * Creates or changes a schedule. Throws `InvalidArgumentError` before anything is written. `ifRevision`: the revision
   * that is expected, 0 for none; throws `RevisionConflictError` if it is another.
   */
  set(name: string, spec: ScheduleInput, options?: AskOptions & { ifRevision?: number }): Promise<ScheduleReply>;
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
  trigger(name: string, options?: AskOptions & { overlap?: Overlap }): Promise<{ task: TaskId }>;
  /** Waiting fires are cancelled; `cancel`: running ones, too. */
  remove(name: string, options?: AskOptions & { cancel?: boolean }): Promise<void>;
  /** The next fires after `from` (default: now), `count` of them (default 10). Reads named calendars, and else nothing. */
  preview(
    spec: Pick<ScheduleInput, 'when' | 'spread' | 'jitter'>,
    options?: { name?: string; from?: number | string | Date; count?: number },
  ): Promise<FireTime[]>;
  /** Makes the schedules what is given. All of it is checked before anything is written. */
  apply(schedules: Iterable<NamedSchedule>, options?: ApplyOptions): Promise<Applied>;
  /** The argument of `apply`. */
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
