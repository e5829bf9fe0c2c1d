import type { ById } from '@drover/core';
import type { FlowState } from './flow-state.js';
import { pageOf } from './list.js';
import type { GroupPage, GroupSummary, GroupView, RunFilter } from './model.js';
import type { BookState } from './state.js';
import { stepView, summaryOf, turnOf } from './views.js';

/** Places of the steps that take tasks while the run is under way; none: it is no group. */
function openMaps({ plan }: FlowState): number[] {
  return (plan?.steps ?? []).flatMap(({ step }, at) => (step.kind === 'map' && 'open' in step.items ? [at] : []));
}

export function groupsOf(flows: ById<FlowState>, filter: RunFilter): GroupPage {
  const { found, ...rest } = pageOf(flows, filter, (flow) => openMaps(flow).length > 0);
  return { groups: found.map(({ flow, run }) => summaryOfGroup(flow, run)), ...rest };
}

/** Null: it is no group. */
export function groupOf(state: BookState, flow: FlowState, run: number): GroupView | null {
  const maps = openMaps(flow);
  if (maps.length === 0) return null;
  const turn = turnOf(state, flow, run);
  const callbacks = (flow.plan?.steps ?? []).flatMap(({ name }, step) =>
    maps.includes(step) ? [] : [[name, stepView(state, flow, run, step, turn)] as const],
  );
  return { ...summaryOfGroup(flow, run), callbacks: Object.fromEntries(callbacks) };
}

function summaryOfGroup(flow: FlowState, run: number): GroupSummary {
  const maps = openMaps(flow);
  const fans = maps.map((step) => flow.fans?.get(flow.key(run, step)));
  const totals = fans.map((fan) => fan?.total ?? null);
  const isOpen = totals.includes(null) && flow.endOf(run) === null;
  const sum = (of: 'done' | 'failed'): number => fans.reduce((all, fan) => all + (fan?.[of] ?? 0), 0);
  const types = maps.flatMap((at) => {
    const step = flow.plan?.steps[at]?.step;
    return step?.kind === 'map' ? [step.type] : [];
  });
  return {
    ...summaryOf(flow, run),
    types: [...new Set(types)],
    open: isOpen,
    done: sum('done'),
    failed: sum('failed'),
    of: totals.includes(null) ? null : totals.reduce<number>((all, total) => all + (total ?? 0), 0),
  };
}
