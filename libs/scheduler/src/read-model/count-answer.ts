import type { Questions } from '@drover/api';
import type { Runtime } from '@drover/runtime';
import { knownIn } from './task-rows.js';
import type { TermView } from './term-view.js';

type Count = Questions['count'];

/** Of the leader's thread, for one count; it is given in slices. */
const MOST_SLICES = 500;
const SLICE_MS = 1;
/** An answer that comes later than this nobody waits for. */
const MOST_MS = 1_500;

/** `isCurrent`: the term goes on. Null: it has ended. */
export async function answerCount(
  view: TermView,
  { filter, now }: Count['ask'],
  { runtime, isCurrent }: { runtime: Runtime; isCurrent: () => boolean },
): Promise<Count['answer']> {
  const clock = (): number => runtime.monotonic();
  const until = clock() + MOST_MS;
  const count = view.planner.count({ filter, now, known: knownIn(view) });
  for (let slices = 0; slices < MOST_SLICES && clock() < until; slices++) {
    if (count.goOn({ ms: SLICE_MS, clock })) return { count: count.count, exact: view.isWhole() };
    await new Promise<void>((resolve) => runtime.soon(resolve));
    if (!isCurrent()) return null;
  }
  return { count: count.count, exact: false };
}
