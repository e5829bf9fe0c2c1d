import type { IntakeRecord } from '@drover/protocol';
import { QueueFullError } from '../errors.js';

interface FullQueue {
  readonly max: number | undefined;
  readonly maxPerTenant: number;
  readonly tenants: ReadonlySet<string>;
}

/** The queues that take no more tasks, or none of some tenants, as the leader last wrote it. */
export class FullQueues {
  readonly #byName: ReadonlyMap<string, FullQueue>;

  constructor(full: NonNullable<IntakeRecord['full']>) {
    this.#byName = new Map(
      full.map(({ queue, max, maxPerTenant = 0, tenants = [] }) => [
        queue,
        { max, maxPerTenant, tenants: new Set(tenants) },
      ]),
    );
  }

  has(queue: string): boolean {
    return this.#byName.has(queue);
  }

  /** The error of a submit now; `null`: it is accepted. `tenant`: `''` for none. */
  refusal(queue: string, tenant: string): QueueFullError | null {
    const full = this.#byName.get(queue);
    if (full === undefined) return null;
    if (full.max !== undefined) return new QueueFullError({ queue, max: full.max });
    return full.tenants.has(tenant) ? new QueueFullError({ queue, tenant, max: full.maxPerTenant }) : null;
  }
}
