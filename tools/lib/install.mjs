import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, runQuietly, workspaceRoot } from './run.mjs';

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

/**
 * Runs `npm ci` unless everything is there already. Resolves with whether everything is there now. Nothing is compiled:
 * only tests need what `compileOptional` compiles.
 */
export async function ensureInstalled() {
  const locked = packagesIn('package-lock.json');
  if (isInstalled(locked ?? {}, packagesIn('node_modules/.package-lock.json'))) return true;
  console.error('Installing the dependencies (npm ci); the first time takes a minute or two');
  // npm's report is no result of ours: stdout stays free of it.
  return (await run('npm', ['ci', '--ignore-scripts', '--no-fund', '--no-audit'], { stdio: ['ignore', 2, 2] })) === 0;
}

/**
 * Compiles the package `zookeeper`, which has one of the drivers, unless it is compiled. It is optional: where it does
 * not compile, the driver's tests say so. Takes about a minute of one core, so that it is worth doing beside the build.
 */
export async function compileOptional() {
  const folder = join(workspaceRoot, 'node_modules/zookeeper');
  if (!existsSync(folder) || existsSync(join(folder, 'build/Release/zookeeper.node'))) return;
  if ((await runQuietly('npm', ['rebuild', 'zookeeper'])) !== 0)
    console.error('The optional package zookeeper did not compile');
}
