import { parseTaskId, RecordError } from '@drover/core';
import type { TaskView } from '@drover/client';
import { batchPath, broadcastPath, decodeBatch, flowPath, resultPath, traceAt } from '@drover/protocol';
import { nullOn } from '@drover/zookeeper';
import type { ApiContext } from '../api-context.js';
import type { Handlers } from './handler.js';
import { filledTemplate } from './logs.decide.js';
import { taskOf } from './task-of.js';

/** Results of a batch that are named. */
const MOST_RESULTS = 50;

/** The places where more is known of a task: its znodes, and its trace. */
export const placeHandlers: Handlers = {
  getPlaces: async ({ params, caller }, context) => {
    const task = await taskOf(context, params.id ?? '', caller);
    const { batch = '', index = 0 } = parseTaskId(task.id) ?? {};
    const path = batchPath(batch);
    const zk = await context.zk();
    const [znode, results] = await context.stored(
      Promise.all([nullOn(zk.get(path), 'NO_NODE'), nullOn(zk.children(path), 'NO_NODE')]),
    );
    const znodes = [
      { path, what: 'batch' },
      ...(results ?? []).slice(0, MOST_RESULTS).map((name) => ({ path: resultPath(batch, name), what: 'result' })),
      ...relatedTo(task),
    ];
    const trace = znode === null ? null : traceIn(path, znode.data, index);
    return { status: 200, json: { znodes, trace, traceUrl: urlOf(context, trace, task) } };
  },
};

function relatedTo({ flow, broadcast }: TaskView): { path: string; what: string }[] {
  return [
    ...(flow === undefined ? [] : [{ path: flowPath(parseTaskId(flow.run)?.batch ?? ''), what: 'flow' }]),
    ...(broadcast === undefined ? [] : [{ path: broadcastPath(broadcast), what: 'broadcast' }]),
  ];
}

/** The id of its trace. Null: it is not traced, or its batch cannot be read. */
function traceIn(path: string, data: Uint8Array, index: number): string | null {
  try {
    const { traces = [] } = decodeBatch(path, data).header;
    return traceAt(traces, index)?.traceparent.split('-')[1] ?? null;
  } catch (error) {
    if (error instanceof RecordError) return null;
    throw error;
  }
}

function urlOf({ data }: ApiContext, trace: string | null, { id, type, queue }: TaskView): string | null {
  const template = data.api.traceUrlTemplate;
  return template === null || trace === null ? null : filledTemplate(template, { trace, task: id, type, queue });
}
