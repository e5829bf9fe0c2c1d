import { connectZooKeeper } from '../client/client.js';
import { ZooKeeperError } from '../errors.js';
import type { ZooKeeper, ZooKeeperOptions } from '../port.js';

const OPENERS = {
  drover: async (options: ZooKeeperOptions): Promise<ZooKeeper> => connectZooKeeper(options),
  'node-zookeeper-client': async (options: ZooKeeperOptions): Promise<ZooKeeper> => {
    const { connectNodeZooKeeperClient } = await import('./node-zookeeper-client.js');
    return connectNodeZooKeeperClient(options);
  },
  zookeeper: async (options: ZooKeeperOptions): Promise<ZooKeeper> => {
    const { connectNativeZooKeeper } = await import('./native-zookeeper.js');
    return connectNativeZooKeeper(options);
  },
};

export type DriverName = keyof typeof OPENERS;
export const DRIVER_NAMES = Object.keys(OPENERS) as readonly DriverName[];

/**
 * Opens a handle of the named driver; the foreign packages are loaded only when asked for.
 * Rejects with `ZooKeeperError`: `BAD_ARGUMENTS` on a name or a connect string that is none, `UNSUPPORTED` where the
 * optional package `zookeeper` is not installed, and for TLS on a driver without it.
 */
export async function openZooKeeper(driver: string, options: ZooKeeperOptions): Promise<ZooKeeper> {
  if (Object.hasOwn(OPENERS, driver)) return OPENERS[driver as DriverName](options);
  const message = `there is no driver '${driver}'; there are ${DRIVER_NAMES.join(', ')}`;
  throw new ZooKeeperError({ code: 'BAD_ARGUMENTS', op: 'connect', outcome: 'not-applied', message });
}
