import type { After, AllOf, AnyOf, Edge } from './plan.js';

/** The edges of a step, whatever is nested in what. */
export function* edgesOf(after: After | undefined): Generator<Edge> {
  if (after === undefined) return;
  for (const entry of partsOf(after)) {
    if ('step' in entry) yield entry;
    else yield* innerOf(entry);
  }
}

/** The steps that it waits for, each once. */
export const predecessorsOf = (after: After | undefined): string[] => [
  ...new Set([...edgesOf(after)].map(({ step }) => step)),
];

export type Part = AllOf['all'][number] | AnyOf['any'][number];
export const partsOf = (after: After): readonly Part[] => ('all' in after ? after.all : after.any);
export const innerOf = (part: Exclude<Part, Edge>): readonly Edge[] => ('all' in part ? part.all : part.any);
