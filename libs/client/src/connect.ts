import { Session, withinConnectTimeout, type Opening } from '@drover/coordination';
import { batchIds, type AnyHandlers, type PayloadSchema } from '@drover/core';
import { DriverNotCapableError } from '@drover/zookeeper';
import type { AnyTypes, Drover, TypesOfSchemas } from './api.js';
import { Client } from './client.js';
import { ReadingConnection, SessionConnection, type Connection } from './connection.js';
import { resolveConnect, type ResolvedConnect } from './connect-options.js';
import type { ConnectOptions } from './options.js';
import { warningOf } from './warnings.js';

type MoreOptions = Omit<ConnectOptions, 'zk'>;
type Given<Extra = object> = [zk: string, options: MoreOptions & Extra] | [options: ConnectOptions & Extra];

/**
 * Connects. `connect(zk)` or `connect({ zk, ... })` takes any type; payloads and results have types by
 * - `connect(zk, { handlers })`: those of the handlers, whose schemas check payloads before they are written
 * - `connect(zk, { schemas })`: those of the schemas, by task type; results are unchecked
 * - `connect<typeof handlers>(zk)` or `connect<{ resize: [Payload, Result] }>(zk)`: at compile time only
 *
 * Rejects with `ConnectTimeoutError` when ZooKeeper cannot be reached in time, and with `InvalidArgumentError`.
 */
export function connect<Table extends AnyHandlers>(...given: Given<{ handlers: Table }>): Promise<Drover<Table>>;
export function connect<Schemas extends Record<string, PayloadSchema<unknown, unknown>>>(
  ...given: Given<{ schemas: Schemas }>
): Promise<Drover<TypesOfSchemas<Schemas>>>;
export function connect<Types = AnyTypes>(given: string | ConnectOptions, more?: MoreOptions): Promise<Drover<Types>>;
export async function connect(given: string | ConnectOptions, more?: MoreOptions): Promise<Drover> {
  const options = resolveConnect(given, more);
  const connection = openConnection(options);
  try {
    const { zookeeper, connectTimeoutMs: timeoutMs, runtime } = options;
    const bound = { connect: zookeeper.connect, timeoutMs, runtime, whyNot: () => connection.lastFailure };
    await withinConnectTimeout(bound, (signal) => connection.ready(signal));
  } catch (error) {
    await connection.close();
    throw error;
  }
  return clientOf(options, connection);
}

/**
 * For programs of this project that use the session of their client themselves: one session is enough for both. Connects in
 * the background; `close` of the client ends the session. Throws `InvalidArgumentError`, and `DriverNotCapableError` for a
 * driver that can only read.
 */
export function connectSession(given: ConnectOptions): { drover: Drover; session: Session } {
  const options = resolveConnect(given);
  const session = openSession(options);
  const { zookeeper, onWarning } = options;
  return { drover: clientOf(options, new SessionConnection(session, zookeeper.connect, onWarning)), session };
}

function clientOf(options: ResolvedConnect, connection: Connection): Client {
  const { runtime } = options;
  return new Client({
    ...options,
    connection,
    newBatchId: batchIds(
      () => runtime.now(),
      () => runtime.random(),
    ),
  });
}

/** A driver that lacks the abilities for a session can still read. */
function openConnection(options: ResolvedConnect): Connection {
  const { driver, zookeeper, onWarning } = options;
  try {
    return new SessionConnection(openSession(options), zookeeper.connect, onWarning);
  } catch (error) {
    if (error instanceof DriverNotCapableError) return new ReadingConnection(driver, zookeeper);
    throw error;
  }
}

function openSession({ driver, zookeeper, log, metrics, onWarning }: ResolvedConnect): Session {
  const opening = (found: Opening): void => {
    const warning = warningOf(found);
    if (warning !== null) onWarning(warning);
  };
  const role = 'a client that submits';
  return new Session({ factory: driver, zookeeper, log, metrics, role, layout: 'look', opening });
}
