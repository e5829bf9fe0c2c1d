import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { listFolder } from './host.js';

/** A ZooKeeper on this disk that can be run. */
export interface ZooKeeperInstallation {
  /** The folder that has `bin/zkCli.sh` (Debian's library package alone has none). */
  readonly home: string;
  /** Jars (or `folder/*`), in order. */
  readonly classPath: readonly string[];
}

/**
 * The ZooKeeper in `home`: a release of Apache (`lib/zookeeper-3.9.4.jar`), Homebrew's prefix (the same below
 * `libexec`), or Debian's `/usr/share/zookeeper`, whose jars lie in `../java`. Undefined when it is none of them.
 */
export function installationAt(home: string): ZooKeeperInstallation | undefined {
  return releaseAt(home) ?? releaseAt(join(home, 'libexec')) ?? debianPackageAt(home);
}

function releaseAt(home: string): ZooKeeperInstallation | undefined {
  const lib = join(home, 'lib');
  const hasServer = listFolder(lib).some((name) => /^zookeeper-\d.*\.jar$/.test(name));
  return hasServer ? { home, classPath: [`${lib}/*`] } : undefined;
}

/**
 * The manifest of Debian's jar names what it needs, but for Netty's codec and resolver (TLS) and a target for its logs.
 */
const DEBIAN_EXTRAS = ['netty-codec.jar', 'netty-resolver.jar', 'slf4j-log4j12.jar', 'log4j-1.2.jar'];

function debianPackageAt(home: string): ZooKeeperInstallation | undefined {
  const jars = join(home, '../java');
  const server = join(jars, 'zookeeper.jar');
  if (!existsSync(server)) return undefined;
  const extras = DEBIAN_EXTRAS.map((name) => join(jars, name)).filter((path) => existsSync(path));
  return { home, classPath: [server, ...extras] };
}
