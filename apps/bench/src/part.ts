import { messageOf } from '@drover/runtime';
import { Child } from './child.js';
import { secondsOf } from './compare.js';
import type { PlaceOptions } from './place.js';
import type { Results } from './results.js';

/** Far beyond what any part needs: a run that nobody watches does not hang on one. */
const LIMIT_MS = 20 * 60_000;

export interface Run extends PlaceOptions {
  results: Results;
  /** Only these parts; empty: all. */
  only: readonly string[];
  /** Whether servers of peers that are missing may be installed. */
  install: boolean;
  /** Called whenever there is more to keep. */
  save: (results: Results) => Promise<void>;
}

export const isWanted = ({ only }: Pick<Run, 'only'>, part: string): boolean =>
  only.length === 0 || only.includes(part);

/** One part of a run. When it fails the results say so, and the next part begins without the processes that it left. */
export function attempt(run: Run, part: string, work: () => Promise<void>): Promise<void> {
  return orFailed(run, part, async () => {
    const seconds = await secondsOf(() => withinLimit(work));
    run.results.seconds[part] = seconds;
    run.say(`${part}: done in ${Math.round(seconds)} s`);
  });
}

/** Around several parts: the same, for what they need in common. */
export async function orFailed({ results, say, save }: Run, part: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    results.failed.push({ part, reason: messageOf(error) });
    say(`${part} FAILED: ${messageOf(error)}`);
    await Child.stopAll();
  }
  await save(results);
}

/** What fails outside of the promises of `work` (the error event of some connection) is its failure as well. */
async function withinLimit(work: () => Promise<void>): Promise<void> {
  let limit: NodeJS.Timeout | undefined;
  let onStray: (error: Error) => void = () => undefined;
  const interrupted = new Promise<never>((_resolve, reject) => {
    onStray = reject;
    limit = setTimeout(() => {
      reject(new Error(`not done after ${LIMIT_MS / 60_000} minutes`));
    }, LIMIT_MS);
  });
  process.on('uncaughtException', onStray);
  try {
    await Promise.race([work(), interrupted]);
  } finally {
    clearTimeout(limit);
    process.off('uncaughtException', onStray);
  }
}
