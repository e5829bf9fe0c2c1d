import type {
  FinishedTask,
  RunOptions,
  SubmitOptions,
  SubmittedTask,
  Task,
  TaskEnding,
  TaskInput,
} from '@drover/client';
import { API_ERRORS, type ErrorCode } from '@drover/api';
import { parseDuration, TaskCancelledError, TaskFailedError, type TaskFailure } from '@drover/core';
import { systemRuntime } from '@drover/runtime';
import type { ApiClient } from './api-client.js';
import { ApiRefusedError } from './errors.js';
import { changeTasks, getTask } from './tasks.js';

export type Inputs = Iterable<TaskInput> | AsyncIterable<TaskInput>;

/** Tasks that are waited for at a time; the others wait for their turn. */
const WAITS = 200;
/** One request waits for a result so long. */
const WAIT_S = 30;

interface LineReply {
  id?: string;
  deduplicated?: boolean;
  error?: { code: string; detail: string };
}

/** How a task ended, as `/v1/tasks/:id/result` says. */
interface Ended {
  state: string;
  attempt: number;
  worker: string | null;
  result?: unknown;
  error?: TaskFailure;
}

/** A handle to a task that the API knows. */
export class ApiTask implements Task {
  readonly id: string;
  readonly deduplicated: boolean;
  readonly #api: ApiClient;

  constructor(api: ApiClient, id: string, deduplicated = false) {
    this.#api = api;
    this.id = id;
    this.deduplicated = deduplicated;
  }

  async result(options: Parameters<Task['result']>[0] = {}): Promise<unknown> {
    const timeoutMs = options.timeout === undefined ? Infinity : parseDuration('timeout', options.timeout);
    const { state, result, error } = await endOf(this.#api, this.id, { timeoutMs, signal: options.signal });
    if (state === 'succeeded') return result;
    if (state === 'failed') throw new TaskFailedError(this.id, error ?? UNKNOWN);
    throw new TaskCancelledError(this.id);
  }

  async ending(options: Parameters<Task['ending']>[0] = {}): Promise<TaskEnding> {
    const timeoutMs = options.timeout === undefined ? Infinity : parseDuration('timeout', options.timeout);
    return endingOf(await endOf(this.#api, this.id, { timeoutMs, signal: options.signal }));
  }

  async cancel(): ReturnType<Task['cancel']> {
    const [reply] = await changeTasks(this.#api, 'cancelTask', [this.id]);
    return reply ?? { id: this.id, ok: false };
  }

  status(): ReturnType<Task['status']> {
    return getTask(this.#api, this.id, false);
  }
}

const UNKNOWN: TaskFailure = Object.freeze({ name: 'Error', message: 'the reason cannot be read', retryable: false });

/** As `Drover.submitMany`: one connection; each task is told when it is durable. */
export async function* submitMany(
  api: ApiClient,
  tasks: Inputs,
  defaults: SubmitOptions = {},
): AsyncGenerator<SubmittedTask, void> {
  /** Types of the lines that are sent and not acknowledged. */
  const sent: string[] = [];
  async function* lines(): AsyncGenerator<string> {
    for await (const task of tasks) {
      sent.push(task.type);
      yield `${JSON.stringify({ ...defaults, ...task })}\n`;
    }
  }
  let index = 0;
  for await (const { id, deduplicated = false, error } of api.lines<LineReply>('submitBatch', { lines: lines() })) {
    const type = sent.shift() ?? '';
    if (error !== undefined) throw new ApiRefusedError(statusOf(error.code), error);
    if (id !== undefined) yield Object.assign(new ApiTask(api, id, deduplicated), { type, index: index++ });
  }
}

const statusOf = (code: string): number =>
  Object.hasOwn(API_ERRORS, code) ? API_ERRORS[code as ErrorCode].status : 500;

/** As `Drover.run`: submits, and yields each task when it has ended, in the order in which they end. */
export async function* run(api: ApiClient, tasks: Inputs, options: RunOptions): AsyncGenerator<FinishedTask, void> {
  const { signal, onSubmitted, ...defaults } = options;
  const waits = new Set<Promise<void>>();
  const ended: FinishedTask[] = [];
  let failure: Error | null = null;
  const wait = (task: SubmittedTask): void => {
    const done = finish(api, task, signal)
      .then((finished) => void ended.push(finished))
      .catch((error: unknown) => void (failure ??= error as Error))
      .finally(() => waits.delete(done));
    waits.add(done);
  };
  function* whatEnded(): Generator<FinishedTask> {
    if (failure !== null) throw failure;
    yield* ended.splice(0);
  }
  for await (const task of submitMany(api, tasks, defaults)) {
    signal?.throwIfAborted();
    onSubmitted?.(task);
    wait(task);
    if (waits.size >= WAITS) await Promise.race(waits);
    yield* whatEnded();
  }
  while (waits.size > 0) {
    await Promise.race(waits);
    yield* whatEnded();
  }
  yield* whatEnded();
}

async function finish(api: ApiClient, task: SubmittedTask, signal: AbortSignal | undefined): Promise<FinishedTask> {
  const { id, type, index, deduplicated } = task;
  return { id, type, index, deduplicated, ...endingOf(await endOf(api, id, { timeoutMs: Infinity, signal })) };
}

function endingOf({ state, attempt, worker, result, error }: Ended): TaskEnding {
  const known = { attempt, worker };
  if (state === 'succeeded') return { ...known, state, result };
  if (state === 'failed') return { ...known, state, error: error ?? UNKNOWN };
  return { ...known, state: 'cancelled' };
}

/** Waits for the end of a task, one request after the other. Rejects with `ResultTimeoutError`. */
async function endOf(
  api: ApiClient,
  id: string,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal | undefined },
): Promise<Ended> {
  const begunAt = systemRuntime.monotonic();
  while (true) {
    const left = timeoutMs - (systemRuntime.monotonic() - begunAt);
    const wait = Math.max(Math.min(WAIT_S, Math.ceil(left / 1_000)), 0);
    const { status, body } = await api.call<Ended>('getResult', {
      params: { id },
      query: { wait: String(wait) },
      silentMs: (wait + 15) * 1_000,
      ...(signal === undefined ? {} : { signal }),
    });
    if (status === 200) return body;
    if (left <= 0) {
      const { ResultTimeoutError } = await import('@drover/client');
      throw new ResultTimeoutError(id, timeoutMs);
    }
  }
}
