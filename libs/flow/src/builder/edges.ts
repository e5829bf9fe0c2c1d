import { InvalidArgumentError } from '@drover/core';
import { edgesOf } from '../edges.js';
import type { After, AllOf, AnyOf, Edge } from '../plan.js';

/** One edge, made by a handle: `list.failed`, `check.is('odd')`. */
export class EdgeOf {
  readonly edge: Edge;
  constructor(edge: Edge) {
    this.edge = edge;
  }
}
/** Of `any()` and `all()`. */
export class Several {
  readonly mode: 'any' | 'all';
  readonly parts: readonly Predecessor[];
  constructor(mode: 'any' | 'all', parts: readonly Predecessor[]) {
    this.mode = mode;
    this.parts = parts;
  }
}
/** A step by itself means that it succeeded. */
export type Predecessor = EdgeOf | Several | { readonly succeeded: EdgeOf };
/** One of these, or a list of which all must hold. */
export type AfterGiven = Predecessor | readonly Predecessor[];

/** One of these edges is enough. */
export const any = (...edges: readonly Predecessor[]): Several => new Several('any', edges);
/** All of these, inside `any`. */
export const all = (...edges: readonly Predecessor[]): Several => new Several('all', edges);

const TOO_DEEP = 'any and all nested one deep at most: name the inner ones in a step of their own';

/** Throws `InvalidArgumentError`. */
export function toAfter(given: AfterGiven | undefined, argument: string): After | undefined {
  if (given === undefined) return undefined;
  const parts = Array.isArray(given) ? (given as readonly Predecessor[]) : [given as Predecessor];
  const [only] = parts;
  const outer = parts.length === 1 && only instanceof Several ? only : new Several('all', parts);
  if (outer.parts.length === 0) throw new InvalidArgumentError(argument, given, 'at least one step');
  if (outer.mode === 'any') return { any: outer.parts.flatMap((part) => anyPart(part, argument)) };
  return { all: outer.parts.flatMap((part) => allPart(part, argument)) };
}

function allPart(part: Predecessor, argument: string): AllOf['all'][number][] {
  if (!(part instanceof Several)) return [edgeOf(part, argument)];
  if (part.mode === 'all') return part.parts.flatMap((inner) => allPart(inner, argument));
  return [{ any: part.parts.map((inner) => innerEdge(inner, argument)) }];
}

function anyPart(part: Predecessor, argument: string): AnyOf['any'][number][] {
  if (!(part instanceof Several)) return [edgeOf(part, argument)];
  if (part.mode === 'any') return part.parts.flatMap((inner) => anyPart(inner, argument));
  return [{ all: part.parts.map((inner) => innerEdge(inner, argument)) }];
}

function innerEdge(part: Predecessor, argument: string): Edge {
  if (part instanceof Several) throw new InvalidArgumentError(argument, part.mode, TOO_DEEP);
  return edgeOf(part, argument);
}

function edgeOf(part: unknown, argument: string): Edge {
  if (part instanceof EdgeOf) return part.edge;
  if (typeof part === 'object' && part !== null && 'succeeded' in part && part.succeeded instanceof EdgeOf)
    return part.succeeded.edge;
  throw new InvalidArgumentError(
    argument,
    part,
    "a step of this flow, or one of its edges: list, list.failed, check.is('odd')",
  );
}

/** These edges, and besides whatever `after` says. Steps that `after` names are not named again. */
export function withEdges(after: After | undefined, more: readonly Edge[], argument: string): After | undefined {
  const named = new Set([...edgesOf(after)].map(({ step }) => step));
  const edges = more.filter(({ step }) => !named.has(step));
  if (edges.length === 0) return after;
  if (after === undefined) return { all: edges };
  if ('all' in after) return { all: [...edges, ...after.all] };
  const inner = after.any.filter((part): part is Edge => 'step' in part);
  if (inner.length < after.any.length)
    throw new InvalidArgumentError(
      argument,
      'any(all(...), ...)',
      `no all inside any beside a reference: it waits for '${edges[0]?.step ?? ''}' too; ${TOO_DEEP}`,
    );
  return { all: [...edges, { any: inner }] };
}
