import type { BatchState } from './tasks.js';

/** Why the failed task does not run again; null: it may. */
export const whyErased = ({ erased }: BatchState, index: number): string | null =>
  erased?.has(index) === true ? 'it was erased: nothing is left that it could run with' : null;
