import type { Log } from '@drover/observability';
import type { Runtime } from '@drover/runtime';

/** Lines of the same kind are this far apart. */
const QUIET_MS = 60_000;
const MOST_KINDS = 1_000;

/** Reports what ZooKeeper refused, once a minute for each code and place: a poisoned place is met again and again. */
export class Refusals {
  readonly #log: Log;
  readonly #runtime: Runtime;
  readonly #kinds = new Map<string, { loggedAt: number; times: number }>();

  constructor(log: Log, runtime: Runtime) {
    this.#log = log;
    this.#runtime = runtime;
  }

  tell(code: string, path: string): void {
    const now = this.#runtime.monotonic();
    const kind = `${code} ${path.split('/').slice(0, 3).join('/')}`;
    const known = this.#kinds.get(kind);
    if (known !== undefined && now - known.loggedAt < QUIET_MS) {
      known.times++;
      return;
    }
    if (this.#kinds.size >= MOST_KINDS) this.#kinds.clear();
    this.#kinds.set(kind, { loggedAt: now, times: 0 });
    this.#log.event('write.refused', { code, path, times: (known?.times ?? 0) + 1 });
  }
}
