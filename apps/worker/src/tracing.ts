import type { WorkerConfig } from '@drover/config';
import type { WorkerInterceptor } from '@drover/core';
import type { Log } from '@drover/observability';

/** The spans of attempts, on their way to a receiver. */
export interface WorkerTracing {
  readonly interceptor: WorkerInterceptor;
  /** Sends what is left. */
  close(): Promise<void>;
}

/** `null`: nothing is traced, and nothing of it is loaded. Rejects with `TracingUnavailableError`. */
export async function startTracing(
  { tracing, name }: Readonly<Pick<WorkerConfig, 'tracing' | 'name'>>,
  version: string,
  log: Log,
): Promise<WorkerTracing | null> {
  if (tracing === null) return null;
  const telemetry = await import('@drover/telemetry');
  const { endpoint, ...how } = tracing;
  const onFailed = (reason: string): void => log.event('tracing.failed', { endpoint, reason });
  const { provider, close } = await telemetry.startTracing({
    ...{ endpoint, name, version, onFailed },
    service: 'drover-worker',
  });
  return { interceptor: telemetry.traceAttempts({ provider, ...how }), close };
}
