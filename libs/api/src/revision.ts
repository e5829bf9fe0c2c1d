/**
 * The place of an answer in the history of a cluster: `<epoch>.<n>`. `n` grows with each change in the memory of one
 * leader. Across epochs only the order means something: whoever comes with a revision of an earlier epoch gets
 * everything again.
 */
export interface Revision {
  readonly epoch: number;
  readonly n: number;
}

export const formatRevision = ({ epoch, n }: Revision): string => `${epoch}.${n}`;

/** Null: the text is no revision. */
export function parseRevision(text: string): Revision | null {
  const match = /^(0|[1-9]\d{0,14})\.(0|[1-9]\d{0,14})$/.exec(text);
  return match === null ? null : { epoch: Number(match[1]), n: Number(match[2]) };
}

/** Below 0: `a` is before `b`. */
export const compareRevisions = (a: Revision, b: Revision): number => a.epoch - b.epoch || a.n - b.n;
