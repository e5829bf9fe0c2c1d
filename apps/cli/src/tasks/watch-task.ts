import type { Drover } from '@drover/client';
import { inBackground, uncaught, type Runtime } from '@drover/runtime';
import type { Environment } from '../command.js';
import { describeWaiting } from '../views/waiting.js';
import { WaitReasons } from '../views/wait-reasons.js';

const FIRST_LOOK_MS = 1_000;
const LONGEST_PAUSE_MS = 10_000;
/** The most batches that one look reads. */
const MOST_BATCHES = 32;

/** Tasks that somebody waits for. */
export interface WaitedFor {
  /** How many have finished. */
  finished: () => number;
  /** Ids of batches with unfinished ones. */
  batches: () => Iterable<string>;
}

/** Says what the task waits for, each time that changes. Returns a function that ends it. */
export function watchTask(
  { runtime }: Pick<Environment, 'runtime'>,
  drover: Drover,
  id: string,
  say: (text: string) => void,
): () => void {
  return watch(runtime, say, async () => describeWaiting(await drover.get(id), runtime.now()));
}

/**
 * Says why tasks wait, by reason, each time that changes; an empty text when they wait no longer. If some of them ended
 * between two looks, it reads nothing. Returns a function that ends it.
 */
export function watchTasks(
  { runtime }: Pick<Environment, 'runtime'>,
  drover: Drover,
  waitedFor: WaitedFor,
  say: (text: string) => void,
): () => void {
  let finished = 0;
  return watch(runtime, say, async () => {
    const before = finished;
    finished = waitedFor.finished();
    return finished === before ? reasonsOf(drover, [...waitedFor.batches()]) : '';
  });
}

async function reasonsOf(drover: Drover, batches: readonly string[]): Promise<string> {
  if (batches.length === 0) return '';
  const reasons = new WaitReasons();
  const filter = `state:pending,scheduled,retrying batch:${batches.slice(0, MOST_BATCHES).join(',')}`;
  for await (const task of drover.list({ filter, limit: Infinity })) reasons.add(task);
  return reasons.describe(batches.length <= MOST_BATCHES);
}

/** Looks again and again, with growing pauses. A look that fails is ignored: its error is reported elsewhere. */
function watch(runtime: Runtime, say: (text: string) => void, look: () => Promise<string>): () => void {
  let said = '';
  let isOver = false;
  const lookOnce = async (pauseMs: number): Promise<void> => {
    const text = await look().catch(() => said);
    if (isOver) return;
    if (text !== said) say(text);
    said = text;
    timer = lookAfter(Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS));
  };
  const lookAfter = (pauseMs: number) => runtime.after(pauseMs, () => inBackground(lookOnce(pauseMs), uncaught));
  let timer = lookAfter(FIRST_LOOK_MS);
  return () => {
    isOver = true;
    timer.cancel();
  };
}
