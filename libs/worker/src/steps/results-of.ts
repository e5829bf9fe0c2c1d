import { RecordError, type BatchId } from '@drover/core';
import type { Places, RunReader, StepEnd } from '@drover/inspect';
import { flowPath } from '@drover/protocol';

/** Results of the positions `[from, to)` of a step, in order; in the place of a failed one its error. Throws `RecordError`. */
export async function resultsOf(
  runs: RunReader,
  { flow, places, step, from, to }: { flow: BatchId; places: Places; step: string; from: number; to: number },
): Promise<unknown[]> {
  const stretches = [...places.tasks(step, from, to)];
  let next = from;
  for (const { at, count } of stretches) {
    if (at === next) next += count;
  }
  if (next < to) throw new RecordError(flowPath(flow), `nothing says where the result ${next} of '${step}' is`);
  const parts = await Promise.all(
    stretches.map(async ({ batch, index, count }) => {
      const indexes = Array.from({ length: count }, (_, i) => index + i);
      const found = await runs.ends.of(batch, indexes);
      return Promise.all(indexes.map((each) => resultOf(runs, found.get(each))));
    }),
  );
  return parts.flat();
}

async function resultOf(runs: RunReader, end: StepEnd | undefined): Promise<unknown> {
  if (end === undefined) return null;
  if ('error' in end) return { error: { name: end.error.name, message: end.error.message } };
  return 'value' in end ? end.value : runs.value(end);
}
