/**
 * How a plan stands, as far as whoever writes a flow of it knows. `condemned`: the leader is about to remove it, so its version is
 * not 0 any more (decision 35).
 */
export type PlanStand = 'missing' | 'there' | 'condemned';

type PlanOperation =
  | { op: 'create'; path: string; data: string }
  | { op: 'check'; path: string; version: number }
  | { op: 'delete'; path: string };

/**
 * Operations for the transaction that creates a flow: when they have been applied, the plan is there, and no leader that does not
 * see the flow removes it.
 */
export function planOperations(stand: PlanStand, { path, data }: { path: string; data: string }): PlanOperation[] {
  const create: PlanOperation = { op: 'create', path, data };
  if (stand === 'missing') return [create];
  return stand === 'there' ? [{ op: 'check', path, version: 0 }] : [{ op: 'delete', path }, create];
}

/** How it stands after one of these operations was refused with this code. */
export function standAfter(code: string): PlanStand {
  if (code === 'NODE_EXISTS') return 'there';
  return code === 'BAD_VERSION' ? 'condemned' : 'missing';
}
