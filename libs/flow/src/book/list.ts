import type { BatchId, ById } from '@drover/core';
import { runState } from './codes.js';
import type { FlowState } from './flow-state.js';
import type { RunFilter, RunPage } from './model.js';
import { queueOf, summaryOf } from './views.js';

const MOST = 1_000;
/** Flows and runs that one page looks at: about half a millisecond. */
const LOOKED_AT = 20_000;

/** A run that a page shows. */
interface Found {
  readonly flow: FlowState;
  readonly run: number;
}

/**
 * The runs of a page that match, the newest first, by their ids. A page ends when it is full, and when enough was looked at:
 * then it may have fewer runs, or none, and a cursor.
 */
export function pageOf(
  flows: ById<FlowState>,
  { flow: name, queues, states, limit = 100, cursor }: RunFilter,
  isWanted: (flow: FlowState) => boolean = () => true,
): { found: Found[]; cursor?: string } {
  const most = Math.min(Math.max(1, limit), MOST);
  const [before, beforeRun] = cursor === undefined ? [null, 0] : splitCursor(cursor);
  const found: Found[] = [];
  let left = LOOKED_AT;
  for (const flow of flows.downFrom(before)) {
    const first = flow.id === before ? Math.min(beforeRun, flow.count) : flow.count;
    if (left-- <= 0 || found.length === most) return { found, cursor: `${flow.id}.${first}` };
    if (name !== undefined && flow.header.name !== name) continue;
    if (queues !== undefined && !isOf(queues, queueOf(flow))) continue;
    if (!isWanted(flow)) continue;
    for (let run = first - 1; run >= 0; run--) {
      if (left-- <= 0 || found.length === most) return { found, cursor: `${flow.id}.${run + 1}` };
      if (states === undefined || states.includes(runState(flow.runs[run] ?? 0))) found.push({ flow, run });
    }
  }
  return { found };
}

export function listOf(flows: ById<FlowState>, filter: RunFilter): RunPage {
  const { found, ...rest } = pageOf(flows, filter);
  return { runs: found.map(({ flow, run }) => summaryOf(flow, run)), ...rest };
}

/** `images*` is every queue whose name begins so. */
const isOf = (queues: readonly string[], queue: string): boolean =>
  queues.some((name) => (name.endsWith('*') ? queue.startsWith(name.slice(0, -1)) : name === queue));

/** The page goes on below this run of this flow. */
function splitCursor(cursor: string): [BatchId, number] {
  const dot = cursor.lastIndexOf('.');
  return [cursor.slice(0, dot), Number(cursor.slice(dot + 1))];
}
