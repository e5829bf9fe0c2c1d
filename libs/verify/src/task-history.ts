import type { Effect, HistoryName, Operation, Write } from './history.js';

/** All that was written down about one task, each list in the order of time. */
export interface TaskHistory {
  task: string;
  operations: Operation[];
  effects: Effect[];
  writes: Write[];
}

export type TaskEntry =
  { from: 'operations'; entry: Operation } | { from: 'effects'; entry: Effect } | { from: 'resource'; entry: Write };

/** A line of a history, as it is shown. */
export interface HistoryLine {
  at: number;
  from: HistoryName;
  entry: Readonly<Record<string, unknown>>;
}

export function emptyHistory(task: string): TaskHistory {
  return { task, operations: [], effects: [], writes: [] };
}

export function addEntry(history: TaskHistory, { from, entry }: TaskEntry): void {
  switch (from) {
    case 'operations':
      history.operations.push(entry);
      break;
    case 'effects':
      history.effects.push(entry);
      break;
    case 'resource':
      history.writes.push(entry);
      break;
  }
}

/** Entries of one moment stay in the order in which they were written. */
export function sortByTime(entries: { at: number }[]): void {
  entries.sort((a, b) => a.at - b.at);
}

export function sortHistory({ operations, effects, writes }: TaskHistory): void {
  for (const entries of [operations, effects, writes]) sortByTime(entries);
}

export function linesOf({ operations, effects, writes }: TaskHistory): HistoryLine[] {
  const lines = [...toLines('operations', operations), ...toLines('effects', effects), ...toLines('resource', writes)];
  sortByTime(lines);
  return lines;
}

export function toLines(from: HistoryName, entries: readonly ({ at: number } & object)[]): HistoryLine[] {
  return entries.map((entry) => ({ at: entry.at, from, entry: { ...entry } }));
}

/** Attempts that began, in the order of their fencing tokens; those with the same token in the order of time. */
export function startsOf({ effects }: TaskHistory): Effect[] {
  return effects.filter(({ type }) => type === 'start').sort(byToken);
}

function byToken(a: Effect, b: Effect): number {
  const [left, right] = [BigInt(a.token), BigInt(b.token)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Ends that clients were told of. */
export function endsTold({ operations }: TaskHistory): Operation[] {
  return operations.filter(({ op, type }) => op === 'result' && type === 'ok');
}

/** When the submit was acknowledged; `undefined`: it never was. */
export function acknowledgedAt({ operations }: TaskHistory): number | undefined {
  return operations.find(({ op, type }) => op === 'submit' && type === 'ok')?.at;
}
