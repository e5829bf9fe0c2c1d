import path from 'node:path';
import { defineHandlers, RejectTaskError } from '@drover/worker';
import { countWords } from './count.mjs';
import { sourceOf } from './sources/index.mjs';
import { bytesOf, splitsOf } from './splits.mjs';
import { mergeTables, writeTable } from './tables.mjs';

const MEBIBYTE = 1024 * 1024;
/** A folder that all workers can reach. */
const folderOf = (out, { flow }) => path.join(out, flow.run);
const attemptOf = ({ fencingToken }) => `attempt-${fencingToken}`;

export default defineHandlers({
  /** The splits become the items of the map. */
  'words.split': async function* ({ source, out, splitMiB = 16 }) {
    if (!(splitMiB > 0)) throw new RejectTaskError(`splitMiB: expected a number above 0, got ${splitMiB}`);
    for await (const split of splitsOf(sourceOf(source), Math.ceil(splitMiB * MEBIBYTE)))
      yield { source, out, ...split };
  },

  /** ZooKeeper carries the name of the table, the folder its content. */
  'words.count': {
    kind: 'compute',
    run: async ({ source, out, ...split }, context) => {
      const rows = await countWords(bytesOf(sourceOf(source), split));
      const { file, words } = await writeTable(
        path.join(folderOf(out, context), `split-${context.flow.index}.tsv`),
        attemptOf(context),
        rows,
      );
      return { out, file, words };
    },
  },

  /** Tables become one table. Their order is kept, though it does not matter here. */
  'words.merge': {
    kind: 'compute',
    run: async ({ results, level, chunk }, context) => {
      if (results.length === 0) return { file: null, words: 0, distinct: 0 };
      const [{ out }] = results;
      const file = path.join(folderOf(out, context), `merged-${level}-${chunk}.tsv`);
      const table = await writeTable(file, attemptOf(context), mergeTables(results.map((result) => result.file)));
      return { out, ...table };
    },
  },
});
