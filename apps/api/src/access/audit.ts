import type { schemas } from '@drover/api';
import type { Log, Metrics } from '@drover/observability';
import type { Runtime } from '@drover/runtime';
import { randomUUID } from 'node:crypto';
import type * as z from 'zod';
import type { Caller } from './caller.js';

export type AuditEntry = z.output<typeof schemas.auditEntry>;

/** Something that was done or refused, to be written down. */
export interface AuditNote {
  readonly caller: Caller;
  /** The address that the request came from; null: it is not known. */
  readonly from: string | null;
  /** The name of a route, such as `cancelTask`, or of what it showed, such as `seePayload`. */
  readonly action: string;
  /** The task, queue, token ... that it is about; null: none. */
  readonly object: string | null;
  readonly reason: string | null;
  readonly ok: boolean;
  /** The error, where it is not `ok`. */
  readonly code: string | null;
  readonly requestId: string;
  /** How many tasks it was, where it was many. */
  readonly count?: number;
}

/** So many entries are kept at each replica; the log has all. */
const KEPT = 10_000;

/**
 * Tells who did or was refused what at this replica: a line of the log, an entry of a ring in memory, and a call of those who
 * follow.
 */
export class Audit {
  readonly #entries: AuditEntry[] = [];
  readonly #followers = new Set<(entry: AuditEntry) => void>();
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #runtime: Runtime;

  constructor({ log, metrics, runtime }: { log: Log; metrics: Metrics; runtime: Runtime }) {
    this.#log = log;
    this.#metrics = metrics;
    this.#runtime = runtime;
  }

  note({ caller, count, ...rest }: AuditNote): void {
    const { name: who, auth, roles } = caller;
    const made = { id: randomUUID(), at: this.#runtime.now(), who, auth, roles: [...roles] };
    const entry: AuditEntry = { ...made, ...rest, count: count ?? null };
    this.#entries.push(entry);
    // Cut in large steps: to shift an array of this length costs more than to append to it.
    if (this.#entries.length > KEPT * 1.1) this.#entries.splice(0, this.#entries.length - KEPT);
    // The log has an `id` of its own, the process', and hides fields named `auth`.
    const { id: auditId, auth: how, at: _at, ...fields } = entry;
    this.#log.event('audit', { auditId, how, ...fields });
    this.#metrics.count('drover_audit_events_total', { ok: String(entry.ok) });
    for (const follower of this.#followers) follower(entry);
  }

  /** The newest first. */
  entries(): AuditEntry[] {
    return this.#entries.slice(-KEPT).reverse();
  }

  /** Calls `follower` with every entry from now on. Returns a function that ends it. */
  follow(follower: (entry: AuditEntry) => void): () => void {
    this.#followers.add(follower);
    return () => void this.#followers.delete(follower);
  }
}
