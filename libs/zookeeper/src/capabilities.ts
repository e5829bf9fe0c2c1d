import type { Capabilities, ZooKeeper } from './port.js';

/** Thrown when a driver lacks an ability that a role needs; nothing was done with it. */
export class DriverNotCapableError extends Error {
  override readonly name = 'DriverNotCapableError';
  readonly driver: string;
  readonly missing: readonly (keyof Capabilities)[];
  constructor(driver: string, missing: readonly (keyof Capabilities)[], role: string) {
    super(`the ZooKeeper driver '${driver}' lacks ${missing.join(', ')}, which ${role} needs: use the driver 'drover'`);
    this.driver = driver;
    this.missing = missing;
  }
}

/** Throws `DriverNotCapableError` where `zk` lacks any of `needed`. `role` reads as in "a scheduler". */
export function requireCapabilities(zk: ZooKeeper, needed: readonly (keyof Capabilities)[], role: string): void {
  const missing = needed.filter((capability) => !zk.capabilities[capability]);
  if (missing.length > 0) throw new DriverNotCapableError(zk.driver, missing, role);
}
