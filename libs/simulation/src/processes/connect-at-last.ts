import { connect, ConnectTimeoutError, type Drover } from '@drover/client';
import { CONNECT } from './programs.js';
import type { Environment } from './simulated-process.js';

const COMMAND_TIMEOUT_MS = 4_000;

/** Goes on trying: there may be no ZooKeeper for a while. */
export async function connectAtLast(
  { name, runtime, factory, log }: Environment,
  sessionTimeoutMs: number,
): Promise<Drover> {
  for (;;) {
    try {
      return await connect({
        ...{ zk: CONNECT, driver: factory, runtime, log, name, sessionTimeout: sessionTimeoutMs },
        ...{ connectTimeout: COMMAND_TIMEOUT_MS, commandTimeout: COMMAND_TIMEOUT_MS },
        // In many worlds the clients come before the first leader.
        onWarning: () => undefined,
      });
    } catch (error) {
      if (!(error instanceof ConnectTimeoutError)) throw error;
    }
  }
}
