import type { Flow, Run, StartOptions } from '@drover/client';
import { parseDuration, type TaskFailure } from '@drover/core';
import { systemRuntime } from '@drover/runtime';
import type { ApiClient } from './api-client.js';

/** One request waits for the end so long. */
const WAIT_S = 30;
/** Items may be read, and written by the server, for as long as they come. */
const ITEMS_SILENT_MS = 600_000;

interface Started {
  run: string;
  deduplicated: boolean;
}
interface Output {
  state: string;
  reason?: string;
  output?: unknown;
}

/** Starts a run by the API. Items of one map are sent as they come. */
export async function startRun(
  api: ApiClient,
  flow: Flow,
  input: unknown,
  { items, by: _by, ...options }: StartOptions = {},
): Promise<Run> {
  const body = { plan: flow.plan, ...(input !== undefined && { input }), ...options };
  const [given] = Object.values(items ?? {});
  if (given === undefined) return startedOf(api, await api.get<Started>('startRun', { body }));
  let broken: { reason: unknown } | null = null;
  const lines = linesOf(body, given, (reason) => (broken = { reason }));
  try {
    return startedOf(api, await api.get<Started>('startRun', { lines, silentMs: ITEMS_SILENT_MS }));
  } catch (error) {
    // The request was broken off because the items were: that is the reason.
    throw (broken as { reason: unknown } | null)?.reason ?? error;
  }
}

const startedOf = (api: ApiClient, { run, deduplicated }: Started): Run => runHandle(api, run, deduplicated);

async function* linesOf(
  first: object,
  items: Iterable<unknown> | AsyncIterable<unknown>,
  broken: (reason: unknown) => void,
): AsyncGenerator<string> {
  yield `${JSON.stringify(first)}\n`;
  try {
    for await (const item of items) yield `${JSON.stringify(item ?? null)}\n`;
  } catch (reason) {
    broken(reason);
    throw reason;
  }
}

/** As commands use it: its id, its result, its tree. */
export function runHandle(api: ApiClient, id: string, deduplicated = false): Run {
  const tree = (): Promise<unknown> => api.get('getRun', { params: { run: id } });
  const result = async ({ timeout, signal }: Parameters<Run['result']>[0] = {}): Promise<unknown> => {
    const { FlowCancelledError, RunTimeoutError } = await import('@drover/client');
    const timeoutMs = timeout === undefined ? Infinity : parseDuration('timeout', timeout);
    const end = await endOf(api, id, timeoutMs, signal);
    if (end === null) throw new RunTimeoutError(id, timeoutMs);
    if (end.state === 'failed') throw await failureOf(api, id, end.reason ?? null);
    if (end.state === 'cancelled') throw new FlowCancelledError(id, end.reason ?? null);
    return end.output ?? null;
  };
  return { id, deduplicated, replayed: false, result, tree } as unknown as Run;
}

/** Null: the time was over. */
async function endOf(
  api: ApiClient,
  run: string,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Output | null> {
  const begunAt = systemRuntime.monotonic();
  for (;;) {
    const left = timeoutMs - (systemRuntime.monotonic() - begunAt);
    const wait = Math.max(Math.min(WAIT_S, left / 1_000), 0);
    const { status, body } = await api.call<Output>('getOutput', {
      params: { run },
      query: { wait: wait.toFixed(3) },
      silentMs: (wait + 15) * 1_000,
      ...(signal === undefined ? {} : { signal }),
    });
    if (status === 200) return body;
    if (left <= 0) return null;
  }
}

/** The step that failed, and why, as far as the leader and the task tell it. */
async function failureOf(api: ApiClient, run: string, reason: string | null): Promise<Error> {
  const { FlowFailedError } = await import('@drover/client');
  const unknown = { reason, step: null, taskId: null, failure: null };
  try {
    const { steps } = await api.get<{ steps: Record<string, { state: string; tasks: string[] }> }>('getRun', {
      params: { run },
    });
    const [step, view] = Object.entries(steps).find(([, { state }]) => state === 'failed') ?? [];
    if (step === undefined) return new FlowFailedError(run, unknown);
    const [taskId = null] = view?.tasks ?? [];
    const task = taskId === null ? null : await api.get<{ error?: TaskFailure }>('getTask', { params: { id: taskId } });
    return new FlowFailedError(run, { reason, step, taskId, failure: task?.error ?? null });
  } catch {
    return new FlowFailedError(run, unknown);
  }
}
