import { execFile } from 'node:child_process';
import { dirname, extname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Runtime, Timer } from '@drover/runtime';
import { NODE } from './member.js';

const CHECK = fileURLToPath(new URL('./check-handlers.entry.js', import.meta.url));
const CODE = new Set(['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts', '.json', '']);
/** The pause after a change: editors write a file in several steps. */
const SETTLE_MS = 150;

/** Loads a handlers module in a separate process. Resolves with `null`, or with the reason why it cannot be used. */
export function checkHandlers(path: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  const [node = '', ...options] = NODE;
  return new Promise((done) => {
    execFile(node, [...options, CHECK, path], { env }, (error, _stdout, stderr) => {
      done(error === null ? null : stderr.trim() || error.message);
    });
  });
}

/**
 * Calls `onChange` after the module, or code beside and below it, was changed; installed packages and hidden files are
 * left out. It makes one call at a time, and one more after changes during a call. Resolves with a function that ends
 * it.
 */
export async function watchHandlers(
  path: string,
  runtime: Runtime,
  onChange: () => Promise<void>,
): Promise<() => Promise<void>> {
  const { watch } = await import('chokidar');
  const folder = dirname(resolve(path));
  const watcher = watch(folder, { ignoreInitial: true, ignored: (each) => isIgnored(each.slice(folder.length)) });
  let timer: Timer | null = null;
  let running = Promise.resolve();
  watcher.on('all', () => {
    timer?.cancel();
    timer = runtime.after(SETTLE_MS, () => {
      running = running.then(onChange);
    });
  });
  await new Promise<void>((ready) => watcher.once('ready', () => ready()));
  return async () => {
    timer?.cancel();
    await watcher.close();
  };
}

/** `below`: the folder that is watched. A folder has no extension. */
function isIgnored(below: string): boolean {
  const parts = below.split(/[/\\]/).filter((part) => part !== '');
  return parts.some((part) => part === 'node_modules' || part.startsWith('.')) || !CODE.has(extname(below));
}
