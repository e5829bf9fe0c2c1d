import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** A ZooKeeper on this disk that can be run. */
export interface ZooKeeperInstallation {
  /** The folder that has `bin/zkCli.sh`. */
  readonly home: string;
  /** Jars (or `folder/*`), in order. */
  readonly classPath: readonly string[];
}

/** An unpacked release of Apache (also Homebrew's `libexec`): jars in `lib`. Undefined when `home` is none. */
export function releaseAt(home: string): ZooKeeperInstallation | undefined {
  const lib = join(home, 'lib');
  const hasServer = listFolder(lib).some((name) => /^zookeeper-\d.*\.jar$/.test(name));
  return hasServer ? { home, classPath: [`${lib}/*`] } : undefined;
}

/**
 * The manifest of Debian's jar names what it needs, but for Netty's codec and resolver (TLS) and a target for its logs.
 */
const DEBIAN_EXTRAS = ['netty-codec.jar', 'netty-resolver.jar', 'slf4j-log4j12.jar', 'log4j-1.2.jar'];

/** Debian's and Ubuntu's package, below `root` (`/` but in tests). Undefined when it is not installed. */
export function debianPackageAt(root: string): ZooKeeperInstallation | undefined {
  const jars = join(root, 'usr/share/java');
  const server = join(jars, 'zookeeper.jar');
  if (!existsSync(server)) return undefined;
  const extras = DEBIAN_EXTRAS.map((name) => join(jars, name)).filter((path) => existsSync(path));
  return { home: join(root, 'usr/share/zookeeper'), classPath: [server, ...extras] };
}

/** Names in a folder; none when it does not exist or cannot be read. */
export function listFolder(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch {
    return [];
  }
}
