import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { systemRuntime, type Runtime } from '@drover/runtime';
import type { HostFacts } from './sources.decide.js';

/** The machine that is searched. Tests give one of their own: another root, another PATH, another clock. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly isRoot: boolean;
  readonly homeDir: string;
  /** Prefix of all absolute paths that are searched: `/`; another folder in tests. */
  readonly root: string;
  readonly runtime: Runtime;
  /** One line for the person who waits; goes to stderr. */
  note(line: string): void;
  /** Whether a person watches stderr, so that a progress bar makes sense. */
  readonly showsProgress: boolean;
}

export function thisHost(): Host {
  return {
    env: process.env,
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    homeDir: homedir(),
    root: '/',
    runtime: systemRuntime,
    note: (line) => process.stderr.write(`${line}\n`),
    showsProgress: process.stderr.isTTY,
  };
}

/** Everything that the decisions of `sources.decide.ts` need to know of a machine. */
export function factsOf(host: Host): HostFacts {
  const { env, platform, homeDir, root, isRoot } = host;
  return {
    env,
    platform,
    homeDir,
    root,
    canApt:
      platform === 'linux' &&
      isRoot &&
      existsSync(join(root, 'etc/debian_version')) &&
      findProgram('apt-get', env) !== undefined,
    optFolders: listFolder(join(root, 'opt')),
    jvmFolders: listFolder(join(root, 'usr/lib/jvm')),
    macJvmFolders: listFolder(join(root, 'Library/Java/JavaVirtualMachines')),
  };
}

/** The first executable of that name in PATH. */
export function findProgram(name: string, env: Host['env']): string | undefined {
  return (env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Names in a folder; none when it does not exist or cannot be read. */
export function listFolder(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch {
    return [];
  }
}
