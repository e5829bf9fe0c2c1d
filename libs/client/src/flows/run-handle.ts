import {
  checkOptions,
  InvalidArgumentError,
  parseDuration,
  parseTaskId,
  type BatchId,
  type Duration,
  type TaskFailure,
  type TaskId,
} from '@drover/core';
import type { RunView } from '@drover/flow';
import type { EndedRun, TaskView } from '@drover/inspect';
import { FLOWS, type CommandAnswer, type CommandRequest } from '@drover/protocol';
import { DeadlinePassed, withDeadline, type Runtime } from '@drover/runtime';
import type { ZooKeeper } from '@drover/zookeeper';
import { command, type CommandContext } from '../admin/command.js';
import { CommandRefusedError } from '../errors.js';
import type { AskOptions } from '../options.js';
import { checkSignal } from '../submit/task-options.js';
import { FlowCancelledError, FlowEndedError, FlowFailedError, RunNotFoundError, RunTimeoutError } from './errors.js';
import type { RunEnds } from './run-ends.js';
import { runReader } from './run-reader.js';

/** The functions of the client that a run's handle calls. */
export interface RunHome {
  readonly runtime: Runtime;
  readonly ends: () => RunEnds;
  readonly read: <T>(act: (zk: ZooKeeper) => Promise<T>) => Promise<T>;
  readonly commands: (asked: AskOptions) => CommandContext;
  readonly get: (id: TaskId) => Promise<TaskView>;
}

export interface RunResultOptions {
  /** Default: as long as it takes. */
  timeout?: Duration | undefined;
  signal?: AbortSignal | undefined;
}

export interface SignalOptions extends AskOptions {
  /** The value for steps that refer to the signal. Default null. */
  payload?: unknown;
}

/** A run of a flow. */
export class Run<Result = unknown> {
  /** `<flow>.<index>`. */
  readonly id: string;
  /** True: an unfinished run has the same key. This is that run, and nothing was started. */
  readonly deduplicated: boolean;
  /** True: an earlier request with the same key (`StartOptions.request`) had started it. */
  readonly replayed: boolean;
  readonly #home: RunHome;
  readonly #flow: BatchId;
  readonly #index: number;

  /** Throws `InvalidArgumentError` for what is no id of a run. */
  constructor(
    home: RunHome,
    id: string,
    { deduplicated = false, replayed = false }: { deduplicated?: boolean; replayed?: boolean } = {},
  ) {
    const address = parseTaskId(id);
    if (address?.cell !== '') throw new InvalidArgumentError('run', id, 'an id such as 01JD3V8R2MZ6K4Q7T9XBYC5HNA.0');
    this.id = id;
    this.deduplicated = deduplicated;
    this.replayed = replayed;
    this.#home = home;
    this.#flow = address.batch;
    this.#index = address.index;
  }

  /**
   * Waits for the end, and reads what the flow gives. Rejects with `FlowFailedError`, `FlowCancelledError`, `RunNotFoundError`,
   * `RunTimeoutError`, `ClientClosedError`, `RecordError` (what it gives is gone or garbage), and the signal's reason.
   */
  async result(options: RunResultOptions = {}): Promise<Result> {
    const end = await this.#end(options);
    if (end.state === 'failed') throw await this.#failure(end);
    if (end.state === 'cancelled') throw new FlowCancelledError(this.id, end.reason);
    const { read, runtime } = this.#home;
    return (await read((zk) => runReader(zk, runtime).output(this.#flow, this.#index, end.outputs))) as Result;
  }

  /** The run with its steps, as the leader knows it. Rejects with `RunNotFoundError`, and as commands do. */
  async tree(): Promise<RunView> {
    const { run } = await this.#ask({ kind: 'flow-get', run: this.id }, {});
    if (run === undefined) throw new RunNotFoundError(this.id);
    // The record has the same fields, and its reader keeps those of later versions.
    return run as unknown as RunView;
  }

  /** How it stands, as the leader knows it. Rejects as `tree`. */
  async state(): Promise<RunView['state']> {
    return (await this.tree()).state;
  }

  /**
   * Gives the signal that a step waits for, or will wait for: the first one counts, and another is a success that changes
   * nothing. Rejects with `FlowEndedError`, `InvalidArgumentError` (no such step, no such answer), and as commands do.
   */
  async signal(step: string, answer?: string, options: SignalOptions = {}): Promise<void> {
    checkOptions(options, ['payload', 'by', 'reason']);
    const { payload = null, ...asked } = options;
    const json: unknown = JSON.parse(JSON.stringify(payload));
    const given = { step, payload: json, ...(answer !== undefined && { answer }) };
    await this.#change({ kind: 'flow-signal', run: this.id, ...given }, asked);
  }

  /** `signal` with the answer yes. */
  approve(step: string, options: SignalOptions = {}): Promise<void> {
    return this.signal(step, 'yes', options);
  }

  /** `signal` with the answer no. */
  reject(step: string, options: SignalOptions = {}): Promise<void> {
    return this.signal(step, 'no', options);
  }

  /** Ends it: what runs is cancelled, then its steps of `finally` run; with `force` they are cancelled too. Rejects as `signal`. */
  async cancel(options: AskOptions & { force?: boolean } = {}): Promise<void> {
    checkOptions(options, ['force', 'by', 'reason']);
    const { force = false, ...asked } = options;
    await this.#change({ kind: 'flow-cancel', runs: [this.id], ...(force && { force }) }, asked);
  }

  /**
   * Of a run that has ended: steps that failed run again, or with `from` that step and everything after it. Rejects as commands do, also
   * where the run has not ended.
   */
  async retry(options: AskOptions & { from?: string } = {}): Promise<void> {
    checkOptions(options, ['from', 'by', 'reason']);
    const { from, ...asked } = options;
    await this.#change({ kind: 'flow-retry', runs: [this.id], ...(from !== undefined && { from }) }, asked);
  }

  /** Of a group: it takes no more tasks. */
  async close(asked: AskOptions = {}): Promise<void> {
    await this.#change({ kind: 'flow-close', run: this.id }, asked);
  }

  async #end({ timeout, signal }: RunResultOptions): Promise<EndedRun> {
    checkSignal(signal);
    const { runtime } = this.#home;
    const wait = (until?: AbortSignal): Promise<EndedRun> => this.#home.ends().wait(this.#flow, this.#index, until);
    if (timeout === undefined) return wait(signal);
    const timeoutMs = parseDuration('timeout', timeout);
    try {
      return await withDeadline(runtime, timeoutMs, (late) =>
        wait(signal === undefined ? late : AbortSignal.any([late, signal])),
      );
    } catch (error) {
      throw error instanceof DeadlinePassed ? new RunTimeoutError(this.id, timeoutMs) : error;
    }
  }

  /** Which step failed, and why, only the leader and the task can say: where they cannot be asked the error says less. */
  async #failure({ reason }: EndedRun): Promise<FlowFailedError> {
    const unknown = { reason, step: null, taskId: null, failure: null };
    try {
      const { steps } = await this.tree();
      const [step, view] = Object.entries(steps).find(([, { state }]) => state === 'failed') ?? [];
      if (step === undefined) return new FlowFailedError(this.id, unknown);
      const [taskId = null] = view?.tasks ?? [];
      const failure = taskId === null ? null : await this.#failureOf(taskId);
      return new FlowFailedError(this.id, { reason, step, taskId, failure });
    } catch {
      return new FlowFailedError(this.id, unknown);
    }
  }

  async #failureOf(task: TaskId): Promise<TaskFailure | null> {
    return (await this.#home.get(task)).error ?? null;
  }

  async #change(request: CommandRequest, asked: AskOptions): Promise<void> {
    const { runs } = await this.#ask(request, asked);
    const reply = runs?.[0];
    if (reply === undefined || reply.ok) return;
    const { code, message = 'refused' } = reply;
    switch (code) {
      case 'unknown-run':
        throw new RunNotFoundError(this.id);
      case 'ended':
        throw new FlowEndedError(this.id, message);
      case 'unknown-step':
      case 'unknown-answer':
        throw new InvalidArgumentError(code === 'unknown-step' ? 'step' : 'answer', message);
      default:
        throw new CommandRefusedError(`run ${this.id}: ${message}`);
    }
  }

  #ask(request: CommandRequest, asked: AskOptions): Promise<CommandAnswer> {
    return command(request, this.#home.commands(asked), [FLOWS]);
  }
}
