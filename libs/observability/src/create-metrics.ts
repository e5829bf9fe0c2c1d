import { createRequire } from 'node:module';
import type * as PromClient from 'prom-client';
import { METRICS, SECONDS_BUCKETS, type MetricDefinition } from './metrics-table.js';
import type { Metrics } from './metrics.js';

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
  const client = require('prom-client') as typeof PromClient;
  const registry = new client.Registry();
  if (options.labels) registry.setDefaultLabels(options.labels);
  if (options.process === true) client.collectDefaultMetrics({ register: registry });
  const counters = forEach('counter', (config) => new client.Counter({ ...config, registers: [registry] }));
  const gauges = forEach('gauge', (config) => new client.Gauge({ ...config, registers: [registry] }));
  const histograms = forEach(
    'histogram',
    (config, { buckets = SECONDS_BUCKETS }) =>
      new client.Histogram({ ...config, buckets: [...buckets], registers: [registry] }),
  );
  return {
    count: (name, labels, by = 1) => counters.get(name)?.inc(labels, by),
    set: (name, labels, value) => gauges.get(name)?.set(labels, value),
    observe: (name, labels, value) => histograms.get(name)?.observe(labels, value),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

interface MetricConfig {
  name: string;
  help: string;
  labelNames: string[];
}

/** By name, what `create` makes of each metric of the table that is of this kind. */
function forEach<Made>(
  kind: MetricDefinition['kind'],
  create: (config: MetricConfig, definition: MetricDefinition) => Made,
): Map<string, Made> {
  const ofKind = Object.entries<MetricDefinition>(METRICS).filter(([, definition]) => definition.kind === kind);
  return new Map(
    ofKind.map(([name, definition]) => {
      const { help, labels } = definition;
      return [name, create({ name, help, labelNames: [...labels] }, definition)];
    }),
  );
}
