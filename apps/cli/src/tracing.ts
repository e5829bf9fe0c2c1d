import type { ClientInterceptor } from '@drover/client';
import type { ClientConfig } from '@drover/config';
import { traceContextOf } from '@drover/core';
import type { Environment } from './command.js';
import { VERSION } from './version.js';

/** The spans of submits, on their way to a receiver. */
export interface SubmitTracing {
  readonly interceptors: readonly ClientInterceptor[];
  /** Sends what is left. */
  close(): Promise<void>;
}

/**
 * `null`: nothing is traced, and nothing of it is loaded. `TRACEPARENT` of the environment is the caller. Rejects with
 * `TracingUnavailableError`.
 */
export async function startTracing(
  { tracing }: Readonly<ClientConfig>,
  { env, stderr }: Pick<Environment, 'env' | 'stderr'>,
): Promise<SubmitTracing | null> {
  if (tracing === null) return null;
  const telemetry = await import('@drover/telemetry');
  const { endpoint, ratio } = tracing;
  const { provider, close } = await telemetry.startTracing({
    ...{ endpoint, service: 'drover-cli', name: String(process.pid), version: VERSION },
    onFailed: (reason) => stderr.note(`drover: warning: no spans delivered to ${endpoint}: ${reason}`),
  });
  const parent = traceContextOf(env.TRACEPARENT, env.TRACESTATE);
  return { interceptors: [telemetry.traceSubmits({ provider, ratio, parent })], close };
}
