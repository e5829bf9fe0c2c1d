import {
  createMetrics as createRegistry,
  type CreateMetricsOptions,
  type MetricsRegistry,
} from '@drover/observability';

/** A registry of the metrics of a client, for `connect(zk, { metrics })`. Nothing is global. */
export function createMetrics(options: Omit<CreateMetricsOptions, 'role'> = {}): MetricsRegistry {
  return createRegistry({ ...options, role: 'client' });
}
