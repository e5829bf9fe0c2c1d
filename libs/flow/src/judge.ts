import { edgesOf } from './edges.js';
import type { After, Edge } from './plan.js';

/** How a predecessor has ended; null: it has not. */
export type Ended = 'succeeded' | 'failed' | 'cancelled' | 'skipped' | null;

/** A step asks this of the steps before it. */
export interface Predecessors {
  readonly ended: (step: string) => Ended;
  /** With which label, or answer, a step has succeeded; null: with none. */
  readonly label: (step: string) => string | null;
  /** An item of it, which is a map, has failed for good. */
  readonly failing: (step: string) => boolean;
}

export type Verdict =
  | { readonly kind: 'wait' }
  | { readonly kind: 'start' }
  /** `reason`: for people. */
  | { readonly kind: 'skip'; readonly reason: string };

const WAIT: Verdict = { kind: 'wait' };
const START: Verdict = { kind: 'start' };

/** Of an edge, or of a list of them: `null` is neutral. */
type Holds = boolean | null;

/**
 * A step is judged when all predecessors that it names have ended. An edge from a skipped step is neutral: it counts neither
 * for nor against (with `must`: against); where all are, the step is skipped. `ended` is satisfied by anything, skipped included. All (or any) of
 * the others satisfied: it starts; else it is skipped. A predecessor that was cancelled counts as failed.
 */
export function judge(after: After | undefined, steps: Predecessors): Verdict {
  if (after === undefined || holdsEarly(after, steps)) return START;
  for (const edge of edgesOf(after)) if (steps.ended(edge.step) === null) return WAIT;
  const holds = isAll(after)
    ? all(after.all.map((term) => ('any' in term ? any(term.any.map((edge) => one(edge, steps))) : one(term, steps))))
    : any(after.any.map((term) => ('all' in term ? all(term.all.map((edge) => one(edge, steps))) : one(term, steps))));
  return holds === true ? START : { kind: 'skip', reason: whyNot([...edgesOf(after)], steps) };
}

/** One failed item is enough, where nothing else is waited for. */
function holdsEarly(after: After, { failing }: Predecessors): boolean {
  const holds = (term: Edge | object): boolean => 'early' in term && failing((term as Edge).step);
  return isAll(after) ? after.all.every(holds) : after.any.some(holds);
}

const isAll = (after: After): after is Extract<After, { all: unknown }> => 'all' in after;

const all = (holds: readonly Holds[]): Holds => (holds.includes(false) ? false : holds.includes(true) ? true : null);
const any = (holds: readonly Holds[]): Holds => (holds.includes(true) ? true : holds.includes(false) ? false : null);

function one(edge: Edge, { ended, label }: Predecessors): Holds {
  const state = ended(edge.step);
  if ('is' in edge) return state === 'skipped' ? null : state === 'succeeded' && label(edge.step) === edge.is;
  if (edge.on === 'ended') return true;
  if (state === 'skipped') return edge.must === true ? false : null;
  return edge.on === 'failed' ? state !== 'succeeded' : state === 'succeeded';
}

/** The first edge that speaks against it; where none does, all were skipped. */
function whyNot(edges: readonly Edge[], steps: Predecessors): string {
  const against = edges.find((each) => one(each, steps) === false) ?? edges[0];
  if (against === undefined) return 'nothing to wait for';
  const { step } = against;
  const state = steps.ended(step);
  if (state === 'skipped') return `upstream ${step} was skipped`;
  if (state === 'cancelled') return `upstream ${step} was cancelled`;
  if (state === 'failed') return `upstream ${step} failed`;
  if (!('is' in against)) return `upstream ${step} succeeded`;
  const label = steps.label(step);
  return `upstream ${step} ended with ${label === null ? 'no label' : `'${label}'`}, not '${against.is}'`;
}
