import { SECONDS_BUCKETS, silentMetrics, WeightedHistogram, type Metrics } from '@drover/observability';
import { inBackground, uncaught, type Runtime } from '@drover/runtime';
import type { RequestTimer } from './owned-handle.js';

export interface RequestTimesOptions {
  runtime: Runtime;
  metrics: Metrics;
  isConnected: () => boolean;
  leaseMs: () => number;
}

/** Times the requests of a session to ZooKeeper, for its metrics; nothing where nobody reads them. */
export class RequestTimes {
  /** Null: nobody wants to know. */
  readonly timer: RequestTimer | null;
  readonly #times = { read: new WeightedHistogram(SECONDS_BUCKETS), write: new WeightedHistogram(SECONDS_BUCKETS) };
  readonly #end: () => void;

  constructor({ runtime, metrics, isConnected, leaseMs }: RequestTimesOptions) {
    this.timer = metrics === silentMetrics ? null : this.#timer(runtime);
    this.#end = metrics.sampled((samples) => {
      for (const op of ['read', 'write'] as const)
        samples.histogram('drover_zookeeper_request_seconds', { op }, this.#times[op]);
      samples.number('drover_zookeeper_connected', {}, isConnected() ? 1 : 0);
      samples.number('drover_zookeeper_lease_seconds', {}, Math.max(0, leaseMs()) / 1_000);
    });
  }

  /** The session is closed. */
  end(): void {
    this.#end();
  }

  #timer(runtime: Runtime): RequestTimer {
    return (op, answer) => {
      const sentAt = runtime.monotonic();
      const answered = (): void => this.#times[op].observe((runtime.monotonic() - sentAt) / 1_000);
      inBackground(answer.then(answered, answered), uncaught);
      return answer;
    };
  }
}
