import { parentPort, workerData } from 'node:worker_threads';
import fc from 'fast-check';
import type { CommandLine } from './command-line.js';
import type { Target } from './target.js';
import { TARGETS } from './targets.js';

/** The messages of this thread: the chunk that it begins, the end of one, and how one failed. */
export type Told =
  | { kind: 'begun'; target: string; seed: number }
  | { kind: 'done'; runs: number }
  | { kind: 'failed'; report: string; path: string | null };

/** Small, so that progress is told often and a target that hangs is noticed soon. */
const CHUNK = 1_000;

const { runs, seed, targets, path } = workerData as CommandLine;
const chosen = TARGETS.filter(({ name }) => targets.includes(name));
const shares = chosen.reduce((sum, { share }) => sum + share, 0);
const left = new Map(chosen.map((target) => [target, Math.ceil((runs * target.share) / shares)]));
const tell = (told: Told): void => parentPort?.postMessage(told);

for (let round = 0; left.size > 0; round++) {
  for (const [target, rest] of left) {
    const count = Math.min(rest, Math.ceil(CHUNK * target.share));
    if (!(await runChunk(target, (seed + round) | 0, count))) process.exit();
    if (count < rest && path === undefined) left.set(target, rest - count);
    else left.delete(target);
  }
}

async function runChunk({ name, property }: Target, chunkSeed: number, numRuns: number): Promise<boolean> {
  tell({ kind: 'begun', target: name, seed: chunkSeed });
  const parameters = { seed: chunkSeed, numRuns, ...(path === undefined ? {} : { path }) };
  const details = await fc.check(property, parameters);
  if (details.failed) {
    const report = await fc.asyncDefaultReportMessage(details);
    const why = details.errorInstance instanceof Error ? `\n${details.errorInstance.stack ?? ''}` : '';
    tell({ kind: 'failed', report: report + why, path: details.counterexamplePath });
    return false;
  }
  tell({ kind: 'done', runs: details.numRuns });
  return true;
}
