import type { Session } from '@drover/coordination';
import { inBackground, type Runtime, type Timer } from '@drover/runtime';
import { needNotSucceed } from '@drover/zookeeper';

const EVERY_MS = 5_000;
const KEPT = 60;

/** Measures the round trip to ZooKeeper now and then: one small read every 5 s, over the session of the thread. */
export class ZooKeeperProbe {
  readonly #session: Session;
  readonly #runtime: Runtime;
  readonly #timer: Timer;
  readonly #removeListener: () => void;
  readonly #times: number[] = [];

  constructor(session: Session, runtime: Runtime) {
    this.#session = session;
    this.#runtime = runtime;
    this.#timer = runtime.every(EVERY_MS, () => inBackground(this.#measure(), needNotSucceed));
    this.#removeListener = session.onState(() => inBackground(this.#measure(), needNotSucceed));
    inBackground(this.#measure(), needNotSucceed);
  }

  /** Milliseconds; null: there was none yet. */
  get roundTripMs(): { last: number | null; p50: number | null; p99: number | null } {
    const sorted = [...this.#times].sort((a, b) => a - b);
    const at = (share: number): number | null =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
    return { last: this.#times.at(-1) ?? null, p50: at(0.5), p99: at(0.99) };
  }

  close(): void {
    this.#timer.cancel();
    this.#removeListener();
  }

  async #measure(): Promise<void> {
    if (this.#session.state !== 'connected') return;
    const begunAt = this.#runtime.monotonic();
    await this.#session.zk.exists('/');
    this.#times.push(Math.round((this.#runtime.monotonic() - begunAt) * 100) / 100);
    if (this.#times.length > KEPT) this.#times.shift();
  }
}
