import type { Plan, RunState, RunSummary, RunView } from '@drover/flow';
import type { AskOptions } from '../options.js';

/** A run with its steps. */
export interface FlowRunView extends Omit<RunView, 'output' | 'state'> {
  /** `pending`: the leader has not read it yet. `unknown`: nobody leads, and it has not ended. Its steps are not told then. */
  state: RunView['state'] | 'pending' | 'unknown';
  /** The result of the run. Absent: it was not asked for, or the run has not succeeded. */
  output?: unknown;
}

export type FlowRunSummary = RunSummary;

export interface RunListOptions {
  /** Of the flow of this name. Default: of all. */
  flow?: string | undefined;
  states?: readonly RunState[] | undefined;
  /** Only runs of these queues, or of queues that begin so: `images*`. Default: all. */
  queues?: readonly string[] | undefined;
  /** Of a page: 100 unless said otherwise, 500 at most. */
  limit?: number | undefined;
  /** Of the page before. */
  cursor?: string | undefined;
}

/** A page may have fewer runs than its limit, also none, and a cursor: the leader looks at some thousand runs at a time. */
export interface RunListPage {
  runs: FlowRunSummary[];
  cursor: string | null;
}

/** The outcome of a request for one run. */
export interface RunReply {
  run: string;
  ok: boolean;
  /** How it stands. */
  state?: string | undefined;
  /** Why not: as `Refusal` of `@drover/flow` says it. */
  code?: string | undefined;
  message?: string | undefined;
}

/**
 * Runs of flows, by their ids: for programs that look at many and change them. Each call asks the leader: it rejects with
 * `NoLeaderError`, `CommandTimeoutError` or `CommandRefusedError`.
 */
export interface Runs {
  /**
   * `output`: with the result of a run that succeeded; default false. Without a leader, and for a moment after its start, it
   * tells only what the znodes say. Throws `RunNotFoundError`, and `RecordError` where the result is gone or garbage.
   */
  get(run: string, options?: { output?: boolean }): Promise<FlowRunView>;
  /** The plan with which the run began. Throws `RunNotFoundError`. */
  plan(run: string): Promise<Plan>;
  /** A page of runs, the newest first. */
  page(options?: RunListOptions): Promise<RunListPage>;
  /** All of them, page by page. `limit`: in all. */
  list(options?: Omit<RunListOptions, 'cursor'>): AsyncIterableIterator<FlowRunSummary>;
  /** Gives a step the signal that it waits for, or will wait for; the first one counts. */
  signal(
    run: string,
    step: string,
    given?: AskOptions & { answer?: string | undefined; payload?: unknown },
  ): Promise<RunReply>;
  cancel(runs: Iterable<string>, options?: AskOptions & { force?: boolean | undefined }): Promise<RunReply[]>;
  retry(runs: Iterable<string>, options?: AskOptions & { from?: string | undefined }): Promise<RunReply[]>;
}
