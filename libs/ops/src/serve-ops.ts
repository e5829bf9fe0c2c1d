import { parseListen } from '@drover/config';
import { InvalidArgumentError } from '@drover/core';
import type { OpsOptions, OpsServer } from './ops-server.js';

export interface ServeOpsOptions extends Pick<OpsOptions, 'metrics' | 'health' | 'token' | 'insecure'> {
  /** `127.0.0.1:9464`; port 0: a free one. */
  listen: string;
}

/**
 * Serves the metrics and probes of a program that uses the client library, as schedulers and workers do with `--ops-listen`. Rejects with
 * `InvalidArgumentError` for what is no address, and with `OpsListenError` where it cannot be listened at.
 */
export async function serveOps({ listen, ...options }: ServeOpsOptions): Promise<OpsServer> {
  const address = parseListen(listen);
  if (address === null) throw new InvalidArgumentError('listen', listen, 'HOST:PORT, such as 127.0.0.1:9464');
  const { startOps } = await import('./ops-server.js');
  return startOps({ listen: address, ...options });
}
