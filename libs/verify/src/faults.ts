import type { FaultLine } from './history.js';
import { HistoryError } from './history-error.js';

/** One fault from its begin to its end. */
export interface Fault {
  n: number;
  fault: string;
  target: string;
  begin: number;
  /** `Infinity`: it was never over. */
  end: number;
  workers: 'all' | ReadonlySet<string>;
  role: FaultLine['role'];
  leader: FaultLine['leader'];
  orderly: boolean;
  lines: FaultLine[];
}

/**
 * The faults in the order of their begins. Throws `HistoryError` for an end without a begin, or a number used twice.
 */
export function pairFaults(lines: readonly FaultLine[]): Fault[] {
  const faults = new Map<number, Fault>();
  for (const line of lines) {
    const open = faults.get(line.n);
    if (line.type === 'begin') {
      if (open !== undefined) throw new HistoryError(`faults: fault ${line.n} begins twice; number them anew`);
      faults.set(line.n, begun(line));
    } else {
      if (open === undefined) throw new HistoryError(`faults: fault ${line.n} ends, but there is no begin of it`);
      open.end = line.at;
      open.lines.push(line);
    }
  }
  return [...faults.values()];
}

function begun(line: FaultLine): Fault {
  const { n, fault, target, at, workers = 'all', role, leader, orderly = false } = line;
  const concerned = workers === 'all' ? workers : new Set(workers);
  return { n, fault, target, begin: at, end: Infinity, workers: concerned, role, leader, orderly, lines: [line] };
}

/** Whether it was underway, or its end less than `afterMs` ago, at some moment from `from` to `to`. */
export function touches({ begin, end }: Fault, from: number, to: number, afterMs: number): boolean {
  return begin <= to && end + afterMs >= from;
}

/** When it was last felt by itself: its end, or its begin where it was never over. */
export function lastMomentOf({ begin, end }: Fault): number {
  return end === Infinity ? begin : end;
}

/**
 * The fault that can have cost `worker` its session between two moments. A session ends by its timeout and a tick after
 * the fault, so a fault counts that much longer. Orderly stops count for no session.
 */
export function costOfSession(
  faults: readonly Fault[],
  worker: string,
  span: { from: number; to: number },
  expiryMs: number,
): Fault | undefined {
  return faults.find(
    (fault) =>
      !fault.orderly &&
      (fault.workers === 'all' || fault.workers.has(worker)) &&
      touches(fault, span.from, span.to, expiryMs),
  );
}
