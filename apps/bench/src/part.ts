import { messageOf } from '@drover/runtime';
import { Child } from './child.js';
import { secondsOf } from './compare.js';
import type { PlaceOptions } from './place.js';
import type { Results } from './results.js';

/** The longest time of a part, far more than any needs: a run that nobody watches must not hang. */
const LIMIT_MS = 20 * 60_000;

export interface Run extends PlaceOptions {
  results: Results;
  /** Only these parts; empty: all. */
  only: readonly string[];
  /** Whether servers of peers that are missing may be installed. */
  install: boolean;
  /** Called whenever there are new results, to write them to the file. */
  save: (results: Results) => Promise<void>;
}

export const isWanted = ({ only }: Pick<Run, 'only'>, part: string): boolean =>
  only.length === 0 || only.includes(part);

/** Runs one part. If it fails, the results say so, and its processes are ended before the next part. */
export function attempt(run: Run, part: string, work: () => Promise<void>): Promise<void> {
  return orFailed(run, part, async () => {
    const seconds = await secondsOf(() => withinLimit(work));
    run.results.seconds[part] = seconds;
    run.say(`${part}: done in ${Math.round(seconds)} s`);
  });
}

/** The same for work that several parts need in common. */
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

/** An error outside of the promises of `work` (such as an error event of a connection) is a failure of `work` too. */
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
