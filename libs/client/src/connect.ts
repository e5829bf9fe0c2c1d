import { batchIds } from '@drover/core';
import { Session, withinConnectTimeout, type Opening } from '@drover/coordination';
import { DriverNotCapableError } from '@drover/zookeeper';
import type { AnyTypes, Drover } from './api.js';
import { Client } from './client.js';
import { ReadingConnection, SessionConnection, type Connection } from './connection.js';
import { resolveConnect, type ResolvedConnect } from './connect-options.js';
import type { ConnectOptions } from './options.js';
import { warningOf } from './warnings.js';

/**
 * Connects. `Types` gives `submit` its payloads and results: `connect<typeof handlers>(...)`, or
 * `connect<{ resize: [Payload, Result] }>(...)`. Rejects with `ConnectTimeoutError` when ZooKeeper cannot be reached in
 * time, and with `InvalidArgumentError`.
 */
export async function connect<Types = AnyTypes>(given: string | ConnectOptions): Promise<Drover<Types>> {
  const options = resolveConnect(given);
  const connection = openConnection(options);
  try {
    const { zookeeper, connectTimeoutMs: timeoutMs, runtime } = options;
    const bound = { connect: zookeeper.connect, timeoutMs, runtime, whyNot: () => connection.lastFailure };
    await withinConnectTimeout(bound, (signal) => connection.ready(signal));
  } catch (error) {
    await connection.close();
    throw error;
  }
  const { runtime } = options;
  const client = new Client({
    ...options,
    connection,
    newBatchId: batchIds(
      () => runtime.now(),
      () => runtime.random(),
    ),
  });
  // The types are the caller's word on what its handlers take and give; at run time there is nothing to tell them by.
  return client;
}

/** A driver that a session refuses can still read. */
function openConnection({ driver, zookeeper, log, metrics, onWarning }: ResolvedConnect): Connection {
  const opening = (found: Opening): void => {
    const warning = warningOf(found);
    if (warning !== null) onWarning(warning);
  };
  const role = 'a client that submits';
  try {
    const session = new Session({ factory: driver, zookeeper, log, metrics, role, layout: 'look', opening });
    return new SessionConnection(session, zookeeper.connect, onWarning);
  } catch (error) {
    if (error instanceof DriverNotCapableError) return new ReadingConnection(driver, zookeeper);
    throw error;
  }
}
