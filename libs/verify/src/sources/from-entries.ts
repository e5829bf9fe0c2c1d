import type { Entry, HistoryName } from '../history.js';
import { parseEntry } from './parse-entry.js';
import type { Source } from './source.js';

/** Entries that are in memory, as a test has them. */
export function fromEntries(entries: Iterable<unknown>): Source {
  return {
    async *read<Name extends HistoryName>(name: Name): AsyncGenerator<Entry<Name>[]> {
      yield Array.from(entries, (entry, index) => parseEntry(name, entry, `${name}: entry ${index + 1}`));
    },
  };
}
