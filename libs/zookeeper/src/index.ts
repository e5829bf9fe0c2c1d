export * from './port.js';
export { ERROR_CODES, ZooKeeperError, isZooKeeperError, nullOn } from './errors.js';
export type { ErrorCode, Outcome, ZooKeeperErrorDetails } from './errors.js';
export { DriverNotCapableError, requireCapabilities } from './capabilities.js';
