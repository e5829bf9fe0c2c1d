import { debianPackageAt, releaseAt, type ZooKeeperInstallation } from './installation.js';

/** Everything that a server needs: a JRE and ZooKeeper's jars. */
export interface Toolchain {
  readonly java: string;
  readonly zooKeeper: ZooKeeperInstallation;
}

export function obtainToolchain(env: NodeJS.ProcessEnv = process.env): Promise<Toolchain> {
  const home = env.ZOOKEEPER_HOME;
  const zooKeeper = (home === undefined ? undefined : releaseAt(home)) ?? debianPackageAt('/');
  if (!zooKeeper) return Promise.reject(new Error('found no ZooKeeper: set ZOOKEEPER_HOME'));
  return Promise.resolve({ java: 'java', zooKeeper });
}
