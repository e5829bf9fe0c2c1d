import type { Log } from '@drover/observability';
import { inBackground, messageOf, uncaught, type Runtime, type Timer } from '@drover/runtime';
import { CLOUD_METADATA, type SpotNotice } from './clouds.js';
import { askOf, type Ask } from './metadata.js';
import type { SpotSource } from './spot-source.js';

/** The service is on the machine itself, and a notice may be as short as thirty seconds. */
const EVERY_MS = 1_000;

export interface SpotWatchOptions {
  runtime: Runtime;
  log: Log;
  source: SpotSource;
  /** The instance is taken away, and at another time than was told before; `null`: not any more. */
  onNotice: (notice: SpotNotice | null) => void;
}

/**
 * Asks the metadata service of the instance whether it is taken away. A service that cannot be reached is told once, until it
 * answers again: nothing is concluded from silence.
 */
export class SpotWatch {
  readonly #options: SpotWatchOptions;
  readonly #ask: Ask;
  readonly #stop = new AbortController();
  #timer: Timer | undefined;
  #told: number | null = null;
  #failure: string | null = null;

  constructor(options: SpotWatchOptions) {
    this.#options = options;
    this.#ask = askOf(options.source.base, this.#stop.signal);
    inBackground(this.#look(), uncaught);
  }

  close(): void {
    this.#stop.abort();
    this.#timer?.cancel();
  }

  async #look(): Promise<void> {
    const { runtime, source } = this.#options;
    try {
      const notice = await CLOUD_METADATA[source.cloud].look(this.#ask, runtime.now());
      this.#failure = null;
      if (!this.#stop.signal.aborted) this.#tell(notice);
    } catch (error) {
      this.#failed(messageOf(error));
    }
    if (!this.#stop.signal.aborted) this.#timer = runtime.after(EVERY_MS, () => inBackground(this.#look(), uncaught));
  }

  /** A notice without a time of its own (Google's) is told once: each answer would move it. */
  #tell(notice: SpotNotice | null): void {
    const isSame = notice === null ? this.#told === null : this.#told !== null && notice.until >= this.#told;
    if (isSame) return;
    this.#told = notice?.until ?? null;
    this.#options.onNotice(notice);
  }

  #failed(reason: string): void {
    if (this.#failure === reason || this.#stop.signal.aborted) return;
    this.#failure = reason;
    this.#options.log.event('spot.unknown', { cloud: this.#options.source.cloud, reason });
  }
}
