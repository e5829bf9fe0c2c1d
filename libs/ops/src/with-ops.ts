import { hostname } from 'node:os';
import type { Listen, OpsConfig } from '@drover/config';
import { createMetrics, type Log, type MetricsRegistry } from '@drover/observability';
import type { Health } from '@drover/runtime';
import type { RunLogSource } from './run-log-route.js';

export interface ProcessIdentity {
  role: 'scheduler' | 'worker';
  /** Name of the process among those of its role. */
  name: string;
  /** The version of the program. */
  version: string;
}

/** The registry of a process; its metric `drover_build_info` names the program and its version. */
export function processMetrics({ role, name, version }: ProcessIdentity): MetricsRegistry {
  const metrics = createMetrics({ process: true, role });
  metrics.set('drover_build_info', { version, role, name, node: process.versions.node }, 1);
  return metrics;
}

export interface WithOpsOptions {
  /** `null`: nothing is. */
  served: { config: Readonly<OpsConfig>; metrics: MetricsRegistry } | null;
  log: Log;
  health: () => Health;
  more: Served;
}

/** The other things that a process serves, beside metrics and probes. */
export interface Served {
  runLogs?: RunLogSource;
  /** Called with the URL at which others reach the listener, before the program starts. */
  onListening?: (url: string) => void;
}

/** Serves metrics and probes while `run` runs. Rejects with `OpsListenError` before it runs, or as `run` does. */
export async function withOps({ served, log, health, more }: WithOpsOptions, run: () => Promise<void>): Promise<void> {
  if (served === null) return run();
  // A process that serves nothing does not load the web server.
  const { startOps } = await import('./ops-server.js');
  const { config, metrics } = served;
  const server = await startOps({ ...config, metrics, health, runLogs: more.runLogs });
  log.event('ops.listening', { url: server.url });
  more.onListening?.(config.advertise ?? advertised(server.url, config.listen));
  try {
    await run();
  } finally {
    await server.close();
  }
}

/** Others cannot reach "every address": they get the name of this host. */
function advertised(url: string, { host }: Listen): string {
  if (host !== '0.0.0.0' && host !== '::') return url;
  return `http://${hostname()}:${new URL(url).port}`;
}
