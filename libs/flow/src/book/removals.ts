import type { BatchId } from '@drover/core';
import { HELD, OPEN } from './codes.js';
import type { FlowState } from './flow-state.js';
import { laneName, type BookState } from './state.js';

/** Nothing of the flow is known any more. The batches that nobody else needs, by whether they were ever handed out. */
export function forgetFlow(state: BookState, flow: FlowState): { unpin: BatchId[]; discard: BatchId[] } {
  const unpin: BatchId[] = [];
  const discard: BatchId[] = [];
  flow.removed = true;
  for (const batch of flow.batches ?? []) {
    batch.holders--;
    for (const entry of batch.entries) if (entry.flow === flow) entry.flow = null;
    if (batch.holders > 0) continue;
    state.batches.delete(batch.id);
    state.activations.delete(batch);
    (batch.draft === null || batch.isActive ? unpin : discard).push(batch.id);
  }
  if (flow.runs.includes(OPEN)) {
    const lane = state.laneOf(flow);
    for (const phase of flow.runs) if (phase === OPEN) lane.underWay--;
    state.admitting.add(laneName(flow));
  }
  flow.setRuns(0, flow.count, HELD);
  flow.uncount();
  state.tally.leave(flow.header.name);
  state.flows.delete(flow.id);
  state.byId.forget();
  state.changed.add(flow);
  state.touched.delete(flow);
  state.orphaned.delete(flow);
  state.parents.delete(flow.id);
  leavePlan(state, flow);
  return { unpin, discard };
}

function leavePlan(state: BookState, flow: FlowState): void {
  const plan = state.plans.get(flow.header.plan);
  if (plan === undefined || --plan.flows > 0) return;
  plan.unusedSince = state.now;
  state.at(state.now + state.graceMs, { kind: 'plan', hash: flow.header.plan });
}
