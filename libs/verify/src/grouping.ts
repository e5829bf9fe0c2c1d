import { Spool } from './spool.js';
import { addEntry, emptyHistory, sortHistory, type TaskEntry, type TaskHistory } from './task-history.js';

/** Gathers entries by task, in memory or in temporary files. */
export class Grouping {
  readonly #entries: Spool<TaskEntry>;

  constructor(maxHeld?: number) {
    this.#entries = new Spool(maxHeld);
  }

  add(entries: readonly TaskEntry[]): Promise<void> {
    return this.#entries.add(entries.map((entry) => [entry.entry.task, entry]));
  }

  /** All tasks, each once and whole, some at a time. May be asked again. */
  async *tasks(): AsyncGenerator<Iterable<TaskHistory>> {
    for await (const groups of this.#entries.groups()) yield histories(groups);
  }

  /** Removes the temporary files. */
  close(): Promise<void> {
    return this.#entries.close();
  }
}

function* histories(groups: Iterable<[task: string, entries: TaskEntry[]]>): Generator<TaskHistory> {
  for (const [task, entries] of groups) yield historyOf(task, entries);
}

export function historyOf(task: string, entries: readonly TaskEntry[]): TaskHistory {
  const history = emptyHistory(task);
  for (const entry of entries) addEntry(history, entry);
  sortHistory(history);
  return history;
}
