import type { Duration, LimitOptions, LimitSpec } from '@drover/core';
import type { Change } from '@drover/inspect';
import type { AskOptions } from '../options.js';

export interface LimitReply {
  name: string;
  change: 'created' | 'changed' | 'unchanged';
  revision: number;
}

/** The definition of a limit. */
export interface LimitSummary {
  name: string;
  revision: number;
  spec: LimitSpec;
  changedBy: Change;
  /** Holds that somebody asked for: the key (`''` is the whole limit), and until when (milliseconds since 1970). */
  holds: Readonly<Record<string, number>>;
}

/** A key at which something is going on. A limit that has no keys has one, `''`. */
export interface LimitKeyView {
  key: string;
  /** Tasks that are out under it. */
  out: number;
  /** Due tasks that wait for it. */
  waiting: number;
  /** When its rate or a hold lets the next task go; `null`: now, as far as these go. Milliseconds since 1970. */
  nextAt: number | null;
  heldUntil: number | null;
}

/** A limit in use, as the leader knows it. */
export interface LimitView extends LimitSummary {
  /** Tasks that are out under it. */
  out: number;
  /** Due tasks that wait for it, and the keys at which they do. */
  waiting: number;
  waitingKeys: number;
  /** All of it is held until then; `null`: it is not. Milliseconds since 1970. */
  heldUntil: number | null;
  /** The busiest keys, 20 at most, and how many there are besides. */
  keys: LimitKeyView[];
  keysLeftOut: number;
}

export interface Limits {
  /**
   * Declares or changes a limit; a lower one takes nothing back. Throws `InvalidArgumentError` before anything is
   * written. `ifRevision`: the revision that is expected, 0 for none; throws `RevisionConflictError` if it is another.
   */
  set(name: string, spec: LimitOptions, options?: AskOptions & { ifRevision?: number }): Promise<LimitReply>;
  /** Asks the leader. Throws `UnknownLimitError`. */
  get(name: string): Promise<LimitView>;
  /** Reads ZooKeeper, by name; needs no leader. */
  list(): Promise<LimitSummary[]>;
  /** The same with what is in use, as the leader knows it. */
  usage(): Promise<LimitView[]>;
  /**
   * A limit that unfinished tasks name is removed only with `force`: they run without it. Throws `UnknownLimitError`,
   * `RevisionConflictError`, and `CommandRefusedError` where it is in use.
   */
  remove(name: string, options?: AskOptions & { ifRevision?: number; force?: boolean }): Promise<void>;
  /**
   * Starts nothing of a limit, or of a key of it (`stripe/acme`), for so long, a year at most; 0 ends it. Running tasks
   * go on. Throws `UnknownLimitError`.
   */
  hold(limit: string, duration: Duration, asked?: AskOptions): Promise<void>;
}
