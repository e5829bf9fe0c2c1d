import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, workspaceRoot } from './run.mjs';

/**
 * Whether what is installed is what the lockfile says. Both arguments are the `packages` of a lockfile: the project's,
 * and the one that npm keeps inside node_modules (undefined: nothing is installed).
 * Their contents are compared rather than their times, which a checkout or a copy sets as it likes. Optional packages
 * may be missing: they are for other platforms, or did not compile.
 */
export function isInstalled(locked, installed) {
  if (installed === undefined) return false;
  return Object.entries(locked)
    .filter(([path, entry]) => /(^|\/)node_modules\//.test(path) && !entry.optional && !entry.devOptional)
    .every(([path, entry]) => {
      const present = installed[path];
      return (
        present !== undefined && present.version === entry.version && Boolean(present.link) === Boolean(entry.link)
      );
    });
}

function packagesIn(path) {
  try {
    return JSON.parse(readFileSync(join(workspaceRoot, path), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** Runs `npm ci` unless everything is there already. Resolves with whether everything is there now. */
export async function ensureInstalled() {
  const locked = packagesIn('package-lock.json');
  if (isInstalled(locked ?? {}, packagesIn('node_modules/.package-lock.json'))) return true;
  console.error('Installing the dependencies (npm ci); the first time takes a minute or two');
  // npm's report is no result of ours: stdout stays free of it.
  return (await run('npm', ['ci', '--no-fund', '--no-audit'], { stdio: ['ignore', 2, 2] })) === 0;
}
