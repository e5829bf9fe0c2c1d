import { existsSync, readFileSync, statSync } from 'node:fs';

/** The program in a few files, made by tools/bundle-command.mjs: Node loads ten of them instead of four hundred. */
export const BUNDLE = new URL('../dist/bundle/', import.meta.url);
/** Where the compiler notes when it wrote the modules that the bundle was made of. No published package has it. */
export const SOURCES = 'sources.json';

/** False: there is none, or the compiler has written newer modules since, as it can in the repository. */
export function isBundleCurrent(bundle = BUNDLE) {
  const main = statSync(new URL('main.js', bundle), { throwIfNoEntry: false });
  if (main === undefined) return false;
  const sources = new URL(SOURCES, bundle);
  if (!existsSync(sources)) return true;
  return JSON.parse(readFileSync(sources, 'utf8')).every((path) => {
    const written = statSync(new URL(path, bundle), { throwIfNoEntry: false });
    return written !== undefined && written.mtimeMs <= main.mtimeMs;
  });
}
