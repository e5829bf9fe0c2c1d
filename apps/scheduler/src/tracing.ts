import type { SchedulerConfig } from '@drover/config';
import type { Log, Metrics } from '@drover/observability';
import { systemRuntime } from '@drover/runtime';

/** The log and the metrics of a scheduler, from which its spans are drawn where there is a receiver for them. */
export interface SchedulerTracing {
  readonly log: Log;
  metrics(metrics: Metrics): Metrics;
  /** Sends what is left. */
  close(): Promise<void>;
}

/** Without a receiver both stay as they are, and nothing is loaded. Rejects with `TracingUnavailableError`. */
export async function startTracing(
  { tracing, id: name }: Readonly<Pick<SchedulerConfig, 'tracing' | 'id'>>,
  version: string,
  log: Log,
): Promise<SchedulerTracing> {
  if (tracing === null) return { log, metrics: (metrics) => metrics, close: async () => undefined };
  const { SchedulerSpans, startTracing: start } = await import('@drover/telemetry');
  const { endpoint } = tracing;
  const onFailed = (reason: string): void => log.event('tracing.failed', { endpoint, reason });
  const { provider, close } = await start({ endpoint, name, version, onFailed, service: 'drover-scheduler' });
  const spans = new SchedulerSpans(provider, () => systemRuntime.now());
  return { log: spans.log(log), metrics: (metrics) => spans.metrics(metrics), close };
}
