import { pipelined } from '@drover/coordination';
import type { BatchId } from '@drover/core';
import { BUCKETS, parseTasksPath, ROOTS } from '@drover/protocol';
import { reportInvalid, type TermContext } from '../term/term-context.js';
import { LoadPace, portions } from './load-order.js';
import { readable } from './readable.js';

/** Directories that are listed at a time. */
const WINDOW = 4;

/** The ids of all batches, a list for each bucket, in ascending order. */
export async function listBatches(context: TermContext): Promise<BatchId[][]> {
  const lists: BatchId[][] = [];
  await pipelined(BUCKETS, WINDOW, async (bucket) => {
    const path = `${ROOTS.tasks}/${bucket}`;
    const names = (await readable(context, path, context.zk.children(path))) ?? [];
    const batches = names.filter((name) => parseTasksPath(`${path}/${name}`) !== null);
    lists.push(batches.sort());
    if (batches.length === names.length) return;
    for (const name of names)
      if (!batches.includes(name)) reportInvalid(context, `${path}/${name}`, 'no place of a batch');
  });
  return lists;
}

/** Reads some batches, and tells `pace` how large they are. */
export type LoadPortion = (batches: readonly BatchId[], pace: LoadPace) => Promise<void>;

/** Reads batches in their order, in portions, several of them under way. Stops when the term is over. */
export async function loadInOrder(context: TermContext, batches: Iterable<BatchId>, load: LoadPortion): Promise<void> {
  const pace = new LoadPace();
  await pipelined(
    portions(batches, () => pace.portion),
    () => pace.window,
    async (some) => {
      if (context.active()) await load(some, pace);
    },
  );
}
