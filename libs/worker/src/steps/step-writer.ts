import { planOperations, standAfter, type PlanStand } from '@drover/flow';
import { sleep, type Runtime } from '@drover/runtime';
import { isZooKeeperError, type Operation, type ZooKeeper } from '@drover/zookeeper';

const REFUSED_PAUSE_MS = 500;

/**
 * Writes what a step makes beside its result, under names that follow from its assignment, in transactions that check the
 * assignment. The znode with the name comes first: where it exists, an earlier try whose reply was lost had been applied. If
 * the check fails, the assignment is gone, and so is the step's right to write.
 */
export class StepWriter {
  readonly #zk: ZooKeeper;
  readonly #runtime: Runtime;

  constructor(zk: ZooKeeper, runtime: Runtime) {
    this.#zk = zk;
    this.#runtime = runtime;
  }

  /**
   * Goes on until the znode is there, or `isOver` says that nobody wants it. `false`: the assignment, or the session, is gone.
   * `plans` are there afterwards, too. Throws `ZooKeeperError` `REQUEST_TOO_LARGE`.
   */
  async create(
    znode: { path: string; data: string },
    assignment: string,
    isOver: () => boolean,
    plans: readonly { path: string; data: string }[] = [],
  ): Promise<boolean> {
    const stands = new Map<string, PlanStand>();
    for (;;) {
      if (isOver()) return false;
      const operations = operationsOf(znode, assignment, plans, stands);
      const error: unknown = await this.#zk.multi(operations).then(
        () => null,
        (reason: unknown) => reason,
      );
      const meaning = meaningOf(error, operations);
      if (meaning === 'done') return true;
      if (meaning === 'over') return false;
      if (meaning === 'too-large') throw error;
      if (typeof meaning === 'object') stands.set(meaning.path, standAfter(meaning.code));
      else if (!(await this.#pause(meaning))) return false;
    }
  }

  /** `false`: the session is gone. */
  async #pause(until: 'connected' | 'later'): Promise<boolean> {
    if (until === 'later') await sleep(this.#runtime, REFUSED_PAUSE_MS);
    return this.#zk.connected().then(
      () => true,
      () => false,
    );
  }
}

function operationsOf(
  { path, data }: { path: string; data: string },
  assignment: string,
  plans: readonly { path: string; data: string }[],
  stands: ReadonlyMap<string, PlanStand>,
): Operation[] {
  const beside = plans.flatMap((plan): Operation[] => planOperations(stands.get(plan.path) ?? 'missing', plan));
  return [{ op: 'create', path, data }, ...beside, { op: 'check', path: assignment, version: 'any' }];
}

/** `path`: the plan that did not stand as expected. */
type Meaning = 'done' | 'over' | 'too-large' | 'connected' | 'later' | { path: string; code: string };

function meaningOf(error: unknown, operations: readonly Operation[]): Meaning {
  if (error === null) return 'done';
  if (isZooKeeperError(error, 'SESSION_EXPIRED', 'CLOSED')) return 'over';
  if (isZooKeeperError(error, 'REQUEST_TOO_LARGE')) return 'too-large';
  if (isZooKeeperError(error) && (error.outcome === 'unknown' || error.code === 'CONNECTION_LOSS')) return 'connected';
  if (!isZooKeeperError(error, 'NODE_EXISTS', 'NO_NODE', 'BAD_VERSION') || error.failedIndex === undefined)
    return 'later';
  const { failedIndex: failed, code } = error;
  if (failed === 0) return code === 'NODE_EXISTS' ? 'done' : 'later';
  if (failed === operations.length - 1) return 'over';
  // A directory is missing: somebody makes it again.
  const { op, path = '' } = operations[failed] ?? {};
  return code === 'NO_NODE' && op === 'create' ? 'later' : { path, code };
}
