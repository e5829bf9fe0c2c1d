import type { ErrorCode } from '@drover/api';
import type { Metrics } from '@drover/observability';
import type { Runtime } from '@drover/runtime';
import type { ApiError } from '../api-error.js';
import type { Audit } from './audit.js';
import { Buckets } from './buckets.js';
import { NOBODY, type Caller } from './caller.js';

/** Errors that say that the caller may not do it, or is not known. */
export const DENIALS: ReadonlySet<ErrorCode> = new Set([
  'unauthenticated',
  'forbidden',
  'cross-site',
  'disabled',
  'misdirected',
  'too-many-requests',
]);

/** Of those who are not known so many are written down, a minute and an address: a flood must not fill log and ring. */
const UNKNOWN_NOTED = { perSecond: 1, burst: 60 };

/** Counts what is refused, and writes it down. */
export class Refusals {
  readonly #audit: Audit;
  readonly #metrics: Metrics;
  readonly #runtime: Runtime;
  readonly #unknown = new Buckets(UNKNOWN_NOTED);

  constructor({ audit, metrics, runtime }: { audit: Audit; metrics: Metrics; runtime: Runtime }) {
    this.#audit = audit;
    this.#metrics = metrics;
    this.#runtime = runtime;
  }

  note(
    { code }: ApiError,
    of: { caller: Caller; from: string; action: string; object: string | null; requestId: string },
  ): void {
    if (!DENIALS.has(code)) return;
    this.#metrics.count('drover_api_denied_total', { code });
    // Those who ask too often would write an event each time.
    if (code === 'too-many-requests') return;
    if (of.caller === NOBODY && this.#unknown.take(of.from, this.#runtime.monotonic()) > 0) return;
    this.#audit.note({ ...of, reason: null, ok: false, code });
  }
}
