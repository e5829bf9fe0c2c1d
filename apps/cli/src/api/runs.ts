import type { FlowRunSummary, FlowRunView, RunListOptions, RunReply, Runs } from '@drover/client';
import { InvalidArgumentError } from '@drover/core';
import type { ApiClient } from './api-client.js';
import { isRefused } from './errors.js';

const PAGE = 100;
const MOST = 500;

/** `drover.runs` by the API. */
export function apiRuns(api: ApiClient): Runs {
  const get: Runs['get'] = async (run, { output = false } = {}) => {
    const view = await api.get<FlowRunView>('getRun', { params: { run } });
    return output && view.state === 'succeeded' ? { ...view, ...(await outputOf(api, run)) } : view;
  };
  const page: Runs['page'] = async (options = {}) => {
    const { items, next } = await api.get<{ items: FlowRunSummary[]; next: string | null }>('listRuns', {
      query: queryOf(options),
    });
    return { runs: items, cursor: next };
  };
  return {
    get,
    page,
    plan: (run) => api.get('getPlan', { params: { run } }),
    async *list({ limit = Infinity, ...filter } = {}) {
      let left = limit;
      const query = queryOf({ ...filter, limit: Math.min(limit, MOST) });
      if (left > 0)
        for await (const run of api.pages<FlowRunSummary>('listRuns', { query })) {
          yield run;
          if (--left <= 0) return;
        }
    },
    signal: (run, step, { answer, payload, reason } = {}) => {
      const given = { step, ...(answer !== undefined && { answer }), ...(payload !== undefined && { payload }) };
      return change(api, 'signalRun', run, { ...given, ...(reason !== undefined && { reason }) });
    },
    cancel: (runs, { force = false, reason } = {}) =>
      changeAll(api, 'cancelRun', runs, { ...(force && { force }), ...(reason !== undefined && { reason }) }),
    retry: (runs, { from, reason } = {}) =>
      changeAll(api, 'retryRun', runs, {
        ...(from !== undefined && { from }),
        ...(reason !== undefined && { reason }),
      }),
  };
}

function queryOf({ flow, states, queues, limit = PAGE, cursor }: RunListOptions): Record<string, string | number> {
  if (queues !== undefined && queues.length !== 1)
    throw new InvalidArgumentError('queues', queues, 'one queue, or the beginning of its name: images*');
  return {
    limit,
    ...(flow !== undefined && { flow }),
    ...(states !== undefined && { state: states.join(',') }),
    ...(queues !== undefined && { queue: queues[0] ?? '' }),
    ...(cursor !== undefined && { cursor }),
  };
}

/** Nothing for a caller who may see no payloads. */
async function outputOf(api: ApiClient, run: string): Promise<{ output?: unknown }> {
  try {
    return { output: (await api.get<{ output?: unknown }>('getOutput', { params: { run } })).output ?? null };
  } catch (error) {
    if (isRefused(error, 'forbidden')) return {};
    throw error;
  }
}

async function changeAll(api: ApiClient, route: string, runs: Iterable<string>, body: object): Promise<RunReply[]> {
  const replies: RunReply[] = [];
  for (const run of runs) replies.push(await change(api, route, run, body));
  return replies;
}

/** A refusal is told as the leader tells it. */
async function change(api: ApiClient, route: string, run: string, body: object): Promise<RunReply> {
  try {
    return await api.get<RunReply>(route, { params: { run }, body });
  } catch (error) {
    if (!isRefused(error, 'run-not-found', 'conflict', 'invalid-argument')) throw error;
    const { state, refusal } = error.data;
    return {
      ...{ run, ok: false, message: error.message },
      ...(typeof state === 'string' && { state }),
      ...(typeof refusal === 'string' && { code: refusal }),
    };
  }
}
