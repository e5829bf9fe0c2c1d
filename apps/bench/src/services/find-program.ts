import { execFileSync } from 'node:child_process';
import { accessSync, constants, readdirSync } from 'node:fs';
import path from 'node:path';

/** The first of the usual places that has the program; `null` where none has. */
export function findProgram(name: string, folders: readonly string[]): string | null {
  const all = [...(process.env.PATH ?? '').split(path.delimiter), ...folders];
  return all.map((folder) => path.join(folder, name)).find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Debian keeps the server programs of each PostgreSQL release in a folder of its own; the newest first. */
export function postgresFolders(): string[] {
  try {
    const versions = readdirSync('/usr/lib/postgresql').sort((a, b) => Number(b) - Number(a));
    return versions.map((version) => `/usr/lib/postgresql/${version}/bin`);
  } catch {
    return [];
  }
}

/** Installs a Debian package where this process may; `false` where it may not, or it failed. */
export function installPackage(name: string): boolean {
  if (process.getuid?.() !== 0 || findProgram('apt-get', []) === null) return false;
  const options = { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } } as const;
  try {
    execFileSync('apt-get', ['update'], options);
    execFileSync('apt-get', ['install', '-y', '--no-install-recommends', name], options);
    return true;
  } catch {
    return false;
  }
}
