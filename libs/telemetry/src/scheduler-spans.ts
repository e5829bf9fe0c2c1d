import { SpanKind, type Attributes, type TracerProvider } from '@opentelemetry/api';
import type { Log, Metrics } from '@drover/observability';
import { ATTRIBUTES, tracerOf } from './attributes.js';

/** A run of the planner that took less is nothing to look at. */
const LONG_PLAN_S = 0.05;

/**
 * Spans of a scheduler, drawn from what it logs and measures anyway: `takeover`, and `plan` where one took longer than
 * 50 ms. The scheduler knows nothing of them.
 */
export class SchedulerSpans {
  readonly #provider: TracerProvider;
  readonly #now: () => number;
  #epoch = 0;

  /** `now`: milliseconds since 1970. */
  constructor(provider: TracerProvider, now: () => number) {
    this.#provider = provider;
    this.#now = now;
  }

  log(log: Log): Log {
    return {
      event: (name, fields) => {
        if (name === 'term.began') this.#tookOver(fields);
        log.event(name, fields);
      },
      with: (fields) => this.log(log.with(fields)),
    };
  }

  metrics(metrics: Metrics): Metrics {
    return {
      ...metrics,
      observe: (name, labels, value, ...more) => {
        if (name === 'drover_plan_seconds' && value > LONG_PLAN_S) this.#span('plan', value * 1_000, {});
        metrics.observe(name, labels, value, ...more);
      },
    };
  }

  #tookOver({ epoch, assignments, tookMs }: Partial<Record<string, unknown>>): void {
    this.#epoch = Number(epoch);
    this.#span('takeover', Number(tookMs), { [ATTRIBUTES.assignments]: Number(assignments) });
  }

  #span(name: string, tookMs: number, attributes: Attributes): void {
    const endedAt = this.#now();
    const span = tracerOf(this.#provider).startSpan(name, {
      kind: SpanKind.INTERNAL,
      root: true,
      startTime: endedAt - tookMs,
      attributes: { [ATTRIBUTES.epoch]: this.#epoch, ...attributes },
    });
    span.end(endedAt);
  }
}
