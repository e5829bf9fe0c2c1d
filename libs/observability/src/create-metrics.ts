import { createRequire } from 'node:module';
import type * as PromClient from 'prom-client';
import { METRICS, SECONDS_BUCKETS, type MetricDefinition, type MetricRole } from './metrics-table.js';
import type { Metrics } from './metrics.js';
import { SampledMetrics } from './sampled-metrics.js';

const require = createRequire(import.meta.url);

/** Metrics that are kept, to be shown in Prometheus' text format. */
export interface MetricsRegistry extends Metrics {
  /** The answer to a scrape. */
  text(): Promise<string>;
  /** The media type of `text()`. */
  readonly contentType: string;
}

export interface CreateMetricsOptions {
  /** Labels of every sample, such as the id of the process. */
  labels?: Record<string, string>;
  /** Memory, CPU, garbage collection and event loop lag of the process too; default false. */
  process?: boolean;
  /** Only the metrics of such a process; default: all. */
  role?: MetricRole;
}

/** A registry of its own with every metric of the table; nothing is global. */
export function createMetrics(options: CreateMetricsOptions = {}): MetricsRegistry {
  const client = require('prom-client') as typeof PromClient;
  const registry = new client.Registry();
  if (options.labels) registry.setDefaultLabels(options.labels);
  if (options.process === true) collectProcess(client, registry);
  const counters = forEach(
    'counter',
    options.role,
    (config) => new client.Counter({ ...config, registers: [registry] }),
  );
  const gauges = forEach('gauge', options.role, (config) => new client.Gauge({ ...config, registers: [registry] }));
  const histograms = forEach(
    'histogram',
    options.role,
    (config, { buckets = SECONDS_BUCKETS }) =>
      new client.Histogram({ ...config, buckets: [...buckets], registers: [registry] }),
  );
  const { role } = options;
  const names = Object.entries<MetricDefinition>(METRICS).flatMap(([name, { sampled, roles }]) =>
    sampled === true && (role === undefined || roles.includes(role)) ? [name] : [],
  );
  const sampled = new SampledMetrics(registry, names);
  const bound = boundLabels();
  return {
    count: (name, labels, by = 1) => counters.get(name)?.inc(bound(labels), by),
    set: (name, labels, value) => gauges.get(name)?.set(bound(labels), value),
    clear: (name) => gauges.get(name)?.reset(),
    observe: (name, labels, value) => histograms.get(name)?.observe(bound(labels), value),
    sampled: sampled.add,
    // The values are those of this moment: the library takes them before it waits for anything.
    text: () => {
      sampled.look();
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}

/** Submitters choose these names, so that there may be any number of them. */
const NAMED_BY_SUBMITTERS = ['queue', 'type'] as const;
const MAX_NAMES = 100;
const OTHERS = '_other';

/** Makes a function that gives every name beyond the first hundred of its label the name `_other`. */
function boundLabels(): (labels: Labels) => Labels {
  const seen = NAMED_BY_SUBMITTERS.map((label) => ({ label, names: new Set<string>() }));
  return (labels) => {
    for (const { label, names } of seen) {
      const name = labels[label];
      if (name === undefined || names.has(name)) continue;
      if (names.size >= MAX_NAMES) return { ...labels, [label]: OTHERS };
      names.add(name);
    }
    return labels;
  };
}

type Labels = Partial<Record<string, string>>;

/**
 * Leaves out three gauges whose names end in `_total`: `promtool` rejects these names, and other gauges have the
 * values.
 */
function collectProcess(client: typeof PromClient, registry: PromClient.Registry): void {
  client.collectDefaultMetrics({ register: registry });
  for (const what of ['handles', 'requests', 'resources']) registry.removeSingleMetric(`nodejs_active_${what}_total`);
}

interface MetricConfig {
  name: string;
  help: string;
  labelNames: string[];
}

/** The results of `create` for the metrics of this kind in the table, by name. */
function forEach<Made>(
  kind: MetricDefinition['kind'],
  role: MetricRole | undefined,
  create: (config: MetricConfig, definition: MetricDefinition) => Made,
): Map<string, Made> {
  const ofKind = Object.entries<MetricDefinition>(METRICS).filter(
    ([, definition]) =>
      definition.kind === kind && !definition.sampled && (role === undefined || definition.roles.includes(role)),
  );
  return new Map(
    ofKind.map(([name, definition]) => {
      const { help, labels } = definition;
      return [name, create({ name, help, labelNames: [...labels] }, definition)];
    }),
  );
}
