import { connectZooKeeper } from '../client/client.js';
import { ZooKeeperError } from '../errors.js';
import type { ZooKeeper, ZooKeeperFactory, ZooKeeperOptions } from '../port.js';

const LOADERS = {
  drover: async (): Promise<ZooKeeperFactory> => connectZooKeeper,
  'node-zookeeper-client': async (): Promise<ZooKeeperFactory> =>
    (await import('./node-zookeeper-client.js')).connectNodeZooKeeperClient,
  zookeeper: async (): Promise<ZooKeeperFactory> => (await import('./native-zookeeper.js')).connectNativeZooKeeper,
};

export type DriverName = keyof typeof LOADERS;
export const DRIVER_NAMES = Object.keys(LOADERS) as readonly DriverName[];

/**
 * The named driver; the foreign packages are loaded only when asked for.
 * Rejects with `ZooKeeperError` `BAD_ARGUMENTS` on a name that is none.
 */
export async function loadDriver(driver: string): Promise<ZooKeeperFactory> {
  if (Object.hasOwn(LOADERS, driver)) return LOADERS[driver as DriverName]();
  const message = `there is no driver '${driver}'; there are ${DRIVER_NAMES.join(', ')}`;
  throw new ZooKeeperError({ code: 'BAD_ARGUMENTS', op: 'connect', outcome: 'not-applied', message });
}

/**
 * Opens a handle of the named driver. Rejects as `loadDriver` does, with `BAD_ARGUMENTS` on a connect string that is
 * none, and with `UNSUPPORTED` where the package of a foreign driver is not installed, and for TLS on a driver without.
 */
export async function openZooKeeper(driver: string, options: ZooKeeperOptions): Promise<ZooKeeper> {
  return (await loadDriver(driver))(options);
}
