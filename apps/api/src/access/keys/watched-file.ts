import { statSync } from 'node:fs';
import type { Runtime, Timer } from '@drover/runtime';

const LOOK_EVERY_MS = 1_000;

/**
 * Calls `changed` when one of the files is another than before: by a look a second, for files that are replaced by a
 * rename, or by links as in Kubernetes, are told unreliably by the system. Returns the timer.
 */
export function watchFiles(paths: readonly string[], runtime: Runtime, changed: () => void): Timer {
  let seen = stateOf(paths);
  return runtime.every(LOOK_EVERY_MS, () => {
    const now = stateOf(paths);
    if (now === seen) return;
    seen = now;
    changed();
  });
}

function stateOf(paths: readonly string[]): string {
  return paths
    .map((path) => {
      const { ino = 0, size = 0, mtimeMs = 0 } = statSync(path, { throwIfNoEntry: false }) ?? {};
      return `${ino} ${size} ${mtimeMs}`;
    })
    .join();
}
