import { isTraceparent, isTracestate, type Range, type TraceContext } from '@drover/core';
import * as z from 'zod';
import { ranges } from './json.js';

/**
 * Trace contexts in the header of a batch: each context once, with the tasks that have it. Only sampled tasks have one, so
 * mostly there are none. Leaders leave them out when they read a header.
 */
export const tracesSchema = z.array(
  z.looseObject({
    tasks: ranges,
    traceparent: z.string().refine(isTraceparent, { error: 'expected a traceparent of W3C Trace Context' }),
    tracestate: z.string().refine(isTracestate, { error: 'expected a tracestate of W3C Trace Context' }).optional(),
  }),
);

export interface TracedTasks extends TraceContext {
  /** By index in the batch. */
  readonly tasks: Range[];
}

/** The context of the task at `index`; `undefined`: it is not traced. */
export function traceAt(traces: readonly TracedTasks[], index: number): TraceContext | undefined {
  const found = traces.find(({ tasks }) => tasks.some(([from, to]) => from <= index && index < to));
  if (found === undefined) return undefined;
  const { traceparent, tracestate } = found;
  return tracestate === undefined ? { traceparent } : { traceparent, tracestate };
}

/** As a header has them. `contexts`: those of traced tasks, by index, ascending. */
export function tracedTasks(contexts: Iterable<readonly [index: number, trace: TraceContext]>): TracedTasks[] {
  const found = new Map<string, TracedTasks>();
  for (const [index, trace] of contexts) {
    const key = `${trace.traceparent} ${trace.tracestate ?? ''}`;
    const same = found.get(key);
    if (same === undefined) found.set(key, { tasks: [[index, index + 1]], ...trace });
    else append(same.tasks, index);
  }
  return [...found.values()];
}

function append(tasks: Range[], index: number): void {
  const last = tasks.at(-1);
  if (last?.[1] === index) tasks[tasks.length - 1] = [last[0], index + 1];
  else tasks.push([index, index + 1]);
}
