import type { RunView, StepState } from '../book/model.js';
import { edgesOf } from '../edges.js';
import type { Edge, Plan, StepKind } from '../plan.js';
import { stepText } from './words.js';

/** A plan, or a run of it, as nodes and arrows: for programs that draw. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly arrows: readonly Arrow[];
}
export interface GraphNode {
  /** `n0`, `n1`, ...: names of steps hold characters that such programs do not take. */
  readonly id: string;
  readonly name: string;
  readonly kind: StepKind;
  /** Lines below the name. */
  readonly lines: readonly string[];
  /** Of a run. */
  readonly state?: StepState;
}
export interface Arrow {
  readonly from: string;
  readonly to: string;
  /** Empty: it holds when the step succeeded. */
  readonly label: string;
  /** One of several is enough. */
  readonly isAny: boolean;
}

/** How a run stands, as far as a picture tells it. */
export type ShownRun = Pick<RunView, 'steps'>;

/** `run`: its states and counts are shown, too. */
export function graphOf(plan: Plan, run?: ShownRun): Graph {
  const names = Object.keys(plan.steps);
  const ids = new Map(names.map((name, at) => [name, `n${at}`]));
  const nodes = Object.entries(plan.steps).map(([name, step]): GraphNode => {
    const shown = run?.steps[name];
    const node = { id: ids.get(name) ?? '', name, kind: step.kind, lines: [stepText(step)] };
    if (shown === undefined) return node;
    const counts = shown.of === null || shown.of === 1 ? [] : [`${shown.done} of ${shown.of}`];
    const failed = shown.failed > 0 && shown.of !== 1 ? [`${shown.failed} failed`] : [];
    const words = [shown.state, ...(shown.label === undefined ? [] : [shown.label]), ...counts, ...failed];
    return { ...node, lines: [...node.lines, words.join(', ')], state: shown.state };
  });
  const arrows = Object.entries(plan.steps).flatMap(([name, { after }]) =>
    [...edgesOf(after)].map((edge): Arrow => {
      const isAny = after !== undefined && 'any' in after && after.any.length > 1;
      return { from: ids.get(edge.step) ?? '', to: ids.get(name) ?? '', label: labelOf(edge), isAny };
    }),
  );
  return { nodes, arrows };
}

function labelOf(edge: Edge): string {
  if ('is' in edge) return edge.is;
  return edge.on === undefined || edge.on === 'succeeded' ? '' : edge.on;
}
