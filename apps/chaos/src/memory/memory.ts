import { readFileSync } from 'node:fs';
import type { Journal } from '../journal.js';
import { monotonicMs } from '../time.js';

const EVERY_MS = 5_000;

/** How much memory one process had at one time, in bytes. `heap` is there where the process tells it. */
export interface MemorySample {
  at: number;
  name: string;
  pid: number;
  rss: number;
  heap?: number;
}

/** Writes the memory of processes, every five seconds, until what it returns is called. */
export function sampleMemory(
  processes: () => Iterable<{ name: string; pid: number | undefined }>,
  journal: Journal<MemorySample>,
): () => Promise<void> {
  const timer = setInterval(() => {
    const at = monotonicMs();
    for (const { name, pid } of processes()) {
      const rss = pid === undefined ? null : rssOf(pid);
      if (pid !== undefined && rss !== null) journal.write({ at, name, pid, rss });
    }
  }, EVERY_MS);
  return async () => {
    clearInterval(timer);
  };
}

/** Linux tells it; where it does not, or the process has just ended, there is none. */
function rssOf(pid: number): number | null {
  try {
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kib === undefined ? null : Number(kib) * 1_024;
  } catch {
    return null;
  }
}
