import { messageOf } from '@drover/runtime';
import { aptInstall } from './apt.js';
import { JavaNotFoundError, ZooKeeperNotFoundError } from './errors.js';
import { factsOf, thisHost, type Host } from './host.js';
import { installationAt, type ZooKeeperInstallation } from './installation.js';
import { findJava, installJava } from './java.js';
import { downloadRelease } from './release-cache.js';
import { zooKeeperSources, type ZooKeeperSource } from './sources.decide.js';

/** Everything that a server needs: a JRE and ZooKeeper's jars. */
export interface Toolchain {
  /** The program. */
  readonly java: string;
  readonly zooKeeper: ZooKeeperInstallation;
}

/**
 * Finds ZooKeeper and Java on this machine, or gets them; see the library's README for the order. Downloads are kept in
 * the user's cache folder.
 * Throws `ZooKeeperNotFoundError` or `JavaNotFoundError`, which say what was tried and what to do.
 */
export async function obtainToolchain(host: Host = thisHost()): Promise<Toolchain> {
  const foundJava = await findJava(host);
  // ZooKeeper is not downloaded when there can be no Java to run it.
  if (foundJava === undefined && !factsOf(host).canApt) throw new JavaNotFoundError();
  const zooKeeper = await obtainZooKeeper(host);
  // Debian's package of ZooKeeper has brought a Java along.
  const java = foundJava ?? (await findJava(host)) ?? (await installJavaOrExplain(host));
  return { java, zooKeeper };
}

async function obtainZooKeeper(host: Host): Promise<ZooKeeperInstallation> {
  const tried: string[] = [];
  for (const source of zooKeeperSources(factsOf(host))) {
    try {
      return await take(source, host);
    } catch (error) {
      const failure = messageOf(error);
      tried.push(failure);
      if (isWorthSaying(source)) host.note(`${failure}; looking further`);
    }
  }
  throw new ZooKeeperNotFoundError(tried);
}

/**
 * Whether the user is told that this source failed: yes for ZOOKEEPER_HOME, a download and apt-get, no for a usual
 * folder.
 */
function isWorthSaying(source: ZooKeeperSource): boolean {
  return source.kind !== 'folders' || source.label === 'ZOOKEEPER_HOME';
}

async function take(source: ZooKeeperSource, host: Host): Promise<ZooKeeperInstallation> {
  switch (source.kind) {
    case 'folders':
      return firstInstallation(source.label, source.homes);
    case 'download':
      return downloadRelease(source.release, source.home, host).catch((error: unknown) => {
        throw new Error(`Downloading ZooKeeper failed: ${messageOf(error)}`);
      });
    case 'apt': {
      await aptInstall('zookeeper', host);
      return firstInstallation('what apt-get installed', [`${host.root}/usr/share/zookeeper`]);
    }
  }
}

function firstInstallation(label: string, homes: readonly string[]): ZooKeeperInstallation {
  for (const home of homes) {
    const installation = installationAt(home);
    if (installation) return installation;
  }
  throw new Error(`No ZooKeeper in ${label} (${homes.join(', ')})`);
}

async function installJavaOrExplain(host: Host): Promise<string> {
  try {
    return await installJava(host);
  } catch (error) {
    throw new JavaNotFoundError({ cause: error });
  }
}
