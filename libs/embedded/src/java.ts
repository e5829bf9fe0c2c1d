import { aptInstall } from './apt.js';
import { factsOf, isExecutable, type Host } from './host.js';
import { runCommand } from './run-command.js';
import { javaCandidates } from './sources.decide.js';

/** ZooKeeper 3.8 and 3.9 run on Java 8 and newer. */
const OLDEST_MAJOR = 8;
const VERSION_TIMEOUT_MS = 15_000;
const PACKAGE = 'default-jre-headless';

/** The first Java that runs and is new enough; undefined when there is none. */
export async function findJava(host: Host): Promise<string | undefined> {
  for (const candidate of javaCandidates(factsOf(host))) {
    if (isExecutable(candidate) && (await javaMajor(candidate, host)) >= OLDEST_MAJOR) return candidate;
  }
  return undefined;
}

/** Runs it: on macOS /usr/bin/java exists without any Java behind it. 0 when it does not work. */
async function javaMajor(program: string, host: Host): Promise<number> {
  try {
    return javaMajorIn(await runCommand([program, '-version'], { env: host.env, timeoutMs: VERSION_TIMEOUT_MS }));
  } catch {
    return 0;
  }
}

/** 17 in `openjdk version "17.0.15"`, 8 in `java version "1.8.0_402"`, 0 where there is none. */
export function javaMajorIn(text: string): number {
  return Number(/version "(?:1\.)?(\d+)/.exec(text)?.[1] ?? 0);
}

/** Installs a JRE from Debian's packages. Rejects when that fails, or gives no Java that works. */
export async function installJava(host: Host): Promise<string> {
  await aptInstall(PACKAGE, host);
  const java = await findJava(host);
  if (java === undefined) throw new Error(`${PACKAGE} is installed, but there is no java that runs`);
  return java;
}
