import type * as PromClient from 'prom-client';
import { METRICS, type MetricDefinition } from './metrics-table.js';
import type { Metrics, Samples } from './metrics.js';
import type { WeightedHistogram } from './weighted-histogram.js';

type Labels = Readonly<Record<string, string>>;
interface Value {
  labels: Record<string, string | number>;
  value: number;
  metricName?: string;
}

/** The metrics whose values are looked up when somebody scrapes: Prometheus' library only writes them. */
export class SampledMetrics {
  readonly #samplers = new Set<(samples: Samples) => void>();
  /** By metric and labels: where two samplers speak of the same, the later one counts. */
  readonly #values = new Map<string, Map<string, readonly Value[]>>();

  /** Registers those of `names`. */
  constructor(registry: PromClient.Registry, names: Iterable<string>) {
    for (const name of names) {
      this.#values.set(name, new Map());
      const { kind: type, help } = (METRICS as Record<string, MetricDefinition>)[name] ?? { kind: 'gauge', help: '' };
      const get = (): object => ({ name, help, type, aggregator: 'sum', values: this.#valuesOf(name) });
      registry.registerMetric({ name, help, type, get } as unknown as PromClient.Metric);
    }
  }

  readonly add: Metrics['sampled'] = (sampler) => {
    this.#samplers.add(sampler);
    return () => void this.#samplers.delete(sampler);
  };

  /** Asks everybody for the values of now. */
  look(): void {
    for (const values of this.#values.values()) values.clear();
    const put = (name: string, labels: Labels, values: readonly Value[]): void => {
      this.#values.get(name)?.set(JSON.stringify(labels), values);
    };
    const samples: Samples = {
      number: (name, labels, value) => put(name, labels, [{ labels, value }]),
      histogram: (name, labels, histogram) => put(name, labels, linesOf(name, labels, histogram)),
    };
    for (const sampler of this.#samplers) sampler(samples);
  }

  #valuesOf(name: string): readonly Value[] {
    return [...(this.#values.get(name)?.values() ?? [])].flat();
  }
}

function linesOf(name: string, labels: Labels, { bounds, counts, sum, count }: WeightedHistogram): Value[] {
  let below = 0;
  const bucket = (le: number | string, value: number): Value => ({
    labels: { le, ...labels },
    value,
    metricName: `${name}_bucket`,
  });
  const buckets = bounds.map((bound, at) => bucket(bound, (below += counts[at] ?? 0)));
  return [
    ...buckets,
    bucket('+Inf', count),
    { labels, value: sum, metricName: `${name}_sum` },
    { labels, value: count, metricName: `${name}_count` },
  ];
}
