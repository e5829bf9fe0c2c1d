import type { BroadcastRecord } from '@drover/protocol';
import { notUnderstood } from '@drover/protocol';

/** A worker, as a broadcast looks at it. */
export interface Candidate {
  readonly name: string;
  readonly types: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Features that it understands. */
  readonly understands: readonly string[];
  readonly isDraining: boolean;
  /** It is about to leave: when it comes back it is another one of its name. */
  readonly isStopping: boolean;
}

/** Whether the broadcast is for such a worker. */
export function isChosen(
  { types, labels, understands, isDraining, isStopping }: Candidate,
  { task, where = {}, skipDraining, needs = [] }: BroadcastRecord,
): boolean {
  if (isStopping || (isDraining && skipDraining === true)) return false;
  if (!types.includes(task.type) || notUnderstood(needs, understands).length > 0) return false;
  return Object.entries(where).every(([label, value]) => labels[label] === value);
}
