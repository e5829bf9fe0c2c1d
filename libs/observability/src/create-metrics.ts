import { createRequire } from 'node:module';
import type { Counter, Gauge, Histogram } from 'prom-client';
import { METRICS, SECONDS_BUCKETS, type MetricDefinition } from './metrics-table.js';
import type { MetricName, Metrics } from './metrics.js';

const require = createRequire(import.meta.url);

/** Metrics that are kept, to be shown in Prometheus' text format. */
export interface MetricsRegistry extends Metrics {
  /** What a scrape answers. */
  text(): Promise<string>;
  /** The media type of `text()`. */
  readonly contentType: string;
}

export interface CreateMetricsOptions {
  /** What every sample carries, such as the id of the process. */
  labels?: Record<string, string>;
  /** Memory, CPU, garbage collection and event loop lag of the process too; default false. */
  process?: boolean;
}

/** A registry of its own with every metric of the table; nothing is global. */
export function createMetrics(options: CreateMetricsOptions = {}): MetricsRegistry {
  const client = require('prom-client') as typeof import('prom-client');
  const registry = new client.Registry();
  if (options.labels) registry.setDefaultLabels(options.labels);
  if (options.process === true) client.collectDefaultMetrics({ register: registry });
  const metrics = new Map<MetricName, Counter | Gauge | Histogram>();
  for (const [name, definition] of Object.entries(METRICS) as [MetricName, MetricDefinition][]) {
    metrics.set(name, create(client, { ...shape(name, definition), registers: [registry] }, definition));
  }
  return {
    count: (name, labels, by = 1) => {
      (metrics.get(name) as Counter).inc(labels, by);
    },
    set: (name, labels, value) => {
      (metrics.get(name) as Gauge).set(labels, value);
    },
    observe: (name, labels, value) => {
      (metrics.get(name) as Histogram).observe(labels, value);
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

type Client = typeof import('prom-client');
type Shape = ReturnType<typeof shape> & { registers: InstanceType<Client['Registry']>[] };

function shape(name: MetricName, { help, labels }: MetricDefinition) {
  return { name, help, labelNames: [...labels] };
}

function create(client: Client, config: Shape, definition: MetricDefinition): Counter | Gauge | Histogram {
  switch (definition.kind) {
    case 'counter':
      return new client.Counter(config);
    case 'gauge':
      return new client.Gauge(config);
    case 'histogram':
      return new client.Histogram({ ...config, buckets: [...(definition.buckets ?? SECONDS_BUCKETS)] });
  }
}
