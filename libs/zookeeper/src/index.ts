export * from './port.js';
export { ERROR_CODES, ZooKeeperError, isZooKeeperError, nullOn } from './errors.js';
export type { ErrorCode, Outcome, ZooKeeperErrorDetails } from './errors.js';
export { DriverNotCapableError, requireCapabilities } from './capabilities.js';
export { ProtocolClient, connectZooKeeper } from './client/client.js';
export type { ProtocolClientOptions } from './client/client.js';
export { DRIVER_NAMES, openZooKeeper } from './drivers/open.js';
export type { DriverName } from './drivers/open.js';
