import type { OpsConfig } from '@drover/config';
import { silentMetrics, type Log, type Metrics, type MetricsRegistry } from '@drover/observability';
import { runService, type Health, type Service } from '@drover/runtime';
import { processMetrics, withOps, type ProcessIdentity, type Served } from './with-ops.js';

export interface RunProcessOptions extends ProcessIdentity {
  log: Log;
  /** `null`: nothing is served. */
  ops: Readonly<OpsConfig> | null;
  /** Metrics are kept though `ops` serves none: something else shows them. Default false. */
  counts?: boolean;
  /** Asks for an orderly stop. Default: SIGTERM and SIGINT do. */
  signal: AbortSignal | undefined;
}

/** The service of a process, with the health that is served over HTTP. */
export interface Program extends Service {
  readonly health: Health;
}

/**
 * Runs a process that stays: makes the program with the metrics of the process, serves metrics and probes, and runs the
 * program until it is asked to stop. If it ends otherwise, logs the error and rejects with it, also if `make` throws.
 */
export async function runProcess<Made extends Program>(
  { log, ops, counts = false, signal, ...identity }: RunProcessOptions,
  make: (metrics: Metrics, registry: MetricsRegistry | null) => Made,
  start: (program: Made, signal: AbortSignal) => Promise<void>,
  onReady: (program: Made) => void = () => undefined,
  serves: (program: Made) => Served = () => ({}),
): Promise<void> {
  try {
    // Numbers that nobody can read are not counted.
    const metrics = ops === null && !counts ? null : processMetrics(identity);
    const program = make(metrics ?? silentMetrics, metrics);
    const served = ops === null || metrics === null ? null : { config: ops, metrics };
    const more = serves(program);
    await withOps({ served, log, health: () => program.health, more }, () =>
      runService(program, (stop) => start(program, stop), {
        signal,
        onStopping: (reason) => log.event('process.stopping', { reason }),
        onReady: () => onReady(program),
      }),
    );
  } catch (error) {
    log.event('process.failed', { error });
    throw error;
  }
}
