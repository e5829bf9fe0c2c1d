import { flow } from '@drover/client';

/** Input: `{ source, out, splitMiB? }`. Result: `{ file, words, distinct }`. */
export default flow('word-count', (f) => {
  const splits = f.step('split', 'words.split', f.input);
  const counted = f.map('count', 'words.count', splits.items);
  const merged = f.reduce('merge', 'words.merge', counted, { arity: 16 });
  return { file: merged.result.file, words: merged.result.words, distinct: merged.result.distinct };
});
