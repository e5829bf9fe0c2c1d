/**
 * The sources of ZooKeeper and of Java, in the order in which they are tried. Pure; `obtain.ts` tries them.
 */
import { join } from 'node:path';
import { releaseFor, type Release } from './release.js';

export interface HostFacts {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly homeDir: string;
  readonly root: string;
  /** A Debian or Ubuntu, and we may install packages. */
  readonly canApt: boolean;
  /** Names of the folders in `/opt`, `/usr/lib/jvm` and `/Library/Java/JavaVirtualMachines`. */
  readonly optFolders: readonly string[];
  readonly jvmFolders: readonly string[];
  readonly macJvmFolders: readonly string[];
}

/** One place to get ZooKeeper from. */
export type ZooKeeperSource =
  | { readonly kind: 'folders'; readonly label: string; readonly homes: readonly string[] }
  | { readonly kind: 'download'; readonly release: Release; readonly home: string }
  | { readonly kind: 'apt' };

/** ZOOKEEPER_HOME, the usual places, the cache, a download into the cache, apt-get: in this order. */
export function zooKeeperSources(facts: HostFacts): ZooKeeperSource[] {
  const { env } = facts;
  const release = releaseFor(env.DROVER_ZK_DIST);
  const cached = join(cacheFolder(facts), 'zookeeper', release.name);
  return [
    ...(env.ZOOKEEPER_HOME ? [{ kind: 'folders', label: 'ZOOKEEPER_HOME', homes: [env.ZOOKEEPER_HOME] } as const] : []),
    { kind: 'folders', label: 'the usual places', homes: usualZooKeeperHomes(facts) },
    { kind: 'folders', label: 'the cache', homes: [cached] },
    { kind: 'download', release, home: cached },
    ...(facts.canApt ? [{ kind: 'apt' } as const] : []),
  ];
}

function usualZooKeeperHomes({ root, optFolders }: HostFacts): string[] {
  const inOpt = optFolders.filter((name) => /zookeeper/i.test(name)).sort(newestFirst);
  return [
    'usr/share/zookeeper',
    'opt/homebrew/opt/zookeeper',
    'usr/local/opt/zookeeper',
    'home/linuxbrew/.linuxbrew/opt/zookeeper',
    ...inOpt.map((name) => `opt/${name}`),
    'usr/lib/zookeeper',
    'usr/local/zookeeper',
  ].map((path) => join(root, path));
}

/**
 * The user's cache folder for Drover: `~/.cache/drover`, `~/Library/Caches/drover` on macOS, or below XDG_CACHE_HOME.
 */
export function cacheFolder({ env, platform, homeDir }: Pick<HostFacts, 'env' | 'platform' | 'homeDir'>): string {
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, 'drover');
  return join(homeDir, platform === 'darwin' ? 'Library/Caches' : '.cache', 'drover');
}

/** Programs that may be Java: JAVA_HOME, PATH, the usual places. The caller must run one to learn whether it works. */
export function javaCandidates(facts: HostFacts): string[] {
  const { env, root, homeDir } = facts;
  const inPath = (env.PATH ?? '').split(':').filter((folder) => folder !== '');
  return [
    ...(env.JAVA_HOME ? [join(env.JAVA_HOME, 'bin/java')] : []),
    ...inPath.map((folder) => join(folder, 'java')),
    ...usualJavaHomes(facts).map((home) => join(root, home, 'bin/java')),
    join(homeDir, '.sdkman/candidates/java/current/bin/java'),
  ];
}

function usualJavaHomes({ optFolders, jvmFolders, macJvmFolders }: HostFacts): string[] {
  return [
    ...[...jvmFolders].sort(newestFirst).map((name) => `usr/lib/jvm/${name}`),
    'opt/homebrew/opt/openjdk',
    'usr/local/opt/openjdk',
    'home/linuxbrew/.linuxbrew/opt/openjdk',
    ...[...macJvmFolders].sort(newestFirst).map((name) => `Library/Java/JavaVirtualMachines/${name}/Contents/Home`),
    'opt/java/openjdk',
    ...optFolders.filter((name) => /jdk|jre|java/i.test(name)).map((name) => `opt/${name}`),
  ];
}

function newestFirst(a: string, b: string): number {
  return b.localeCompare(a, 'en', { numeric: true });
}
