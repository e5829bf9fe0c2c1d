import type { Entry, HistoryName } from '../history.js';

/** The source of the entries of a history. */
export interface Source {
  /**
   * All entries, some at a time, checked against the schema of the history; reads once. `note` is told what is worth
   * knowing. Throws `HistoryError`.
   */
  read<Name extends HistoryName>(name: Name, note: (text: string) => void): AsyncIterable<Entry<Name>[]>;
}
