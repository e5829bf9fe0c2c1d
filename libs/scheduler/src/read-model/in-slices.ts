import type { Slices } from '@drover/planner';
import type { Runtime } from '@drover/runtime';

/** Of the leader's thread, at a time. */
const SLICE_MS = 1;

/** An answer that may take long, found between other work of the leader. `isCurrent`: the term goes on. Null: it has ended. */
export async function inSlices<Found>(
  slices: Slices<Found>,
  { runtime, isCurrent }: { runtime: Runtime; isCurrent: () => boolean },
): Promise<Found | null> {
  const budget = { ms: SLICE_MS, clock: () => runtime.monotonic() };
  for (let found = slices.goOn(budget); ; found = slices.goOn(budget)) {
    if (found !== null) return found.answer;
    await new Promise<void>((resolve) => runtime.soon(resolve));
    if (!isCurrent()) return null;
  }
}
