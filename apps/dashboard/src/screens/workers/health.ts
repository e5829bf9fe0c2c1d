import type { FailureEntry, Worker } from '../../data/types.js';
import type { Verdict } from '../verdict.js';

/** Facts of all workers together. */
export interface Fleet {
  /** Failures of attempts by the name of the worker, of those that the leader keeps. */
  readonly failures: ReadonlyMap<string, number>;
  readonly failuresOfAll: number;
  readonly workers: number;
  /** The version that most of them have. */
  readonly version: string | null;
}

const FEW_FAILURES = 5;

/** Pure. The worst that is to say of a worker comes first. */
export function healthOf(worker: Worker, fleet: Fleet): Verdict {
  const failed = fleet.failures.get(worker.name) ?? 0;
  const fair = fleet.failuresOfAll / Math.max(1, fleet.workers);
  if (failed >= FEW_FAILURES && fleet.workers > 1 && failed > 2 * fair)
    return {
      word: 'fails more',
      tone: 'bad',
      text: `${failed} of the last ${fleet.failuresOfAll} failures happened here`,
      rank: 0,
    };
  if (worker.state === 'draining') return { word: 'draining', tone: 'warn', text: drainText(worker), rank: 1 };
  if (worker.capacity === 0)
    return { word: 'no slots', tone: 'warn', text: 'its capacity is 0: it takes no tasks', rank: 2 };
  if (fleet.version !== null && worker.version !== fleet.version)
    return {
      word: 'other version',
      tone: 'warn',
      text: `it runs ${worker.version}, most workers run ${fleet.version}`,
      rank: 3,
    };
  if (worker.out >= worker.capacity) return { word: 'full', tone: 'info', text: 'all its slots are in use', rank: 4 };
  return worker.out > 0
    ? { word: 'working', tone: 'ok', text: 'it runs tasks and has room for more', rank: 5 }
    : { word: 'idle', tone: 'mute', text: 'it waits for tasks', rank: 6 };
}

function drainText({ out, drainedBy }: Worker): string {
  const who = drainedBy?.by === undefined ? '' : `, asked by ${drainedBy.by}`;
  const why = drainedBy?.reason === undefined ? '' : `: ${drainedBy.reason}`;
  return `it gets no more tasks${who}${why}; ${out === 0 ? 'nothing is left on it' : `${out} left on it`}`;
}

export function fleetOf(workers: readonly Worker[], failures: readonly FailureEntry[]): Fleet {
  const byWorker = new Map<string, number>();
  for (const { worker } of failures) if (worker !== null) byWorker.set(worker, (byWorker.get(worker) ?? 0) + 1);
  const versions = new Map<string, number>();
  for (const { version } of workers) versions.set(version, (versions.get(version) ?? 0) + 1);
  const [most] = [...versions].sort((a, b) => b[1] - a[1]);
  return {
    failures: byWorker,
    failuresOfAll: failures.length,
    workers: workers.length,
    version: most?.[0] ?? null,
  };
}

/** Those that are not well come first, then by name. */
export function byHealth(workers: readonly Worker[], fleet: Fleet): { worker: Worker; health: Verdict }[] {
  return workers
    .map((worker) => ({ worker, health: healthOf(worker, fleet) }))
    .sort((a, b) => a.health.rank - b.health.rank || a.worker.name.localeCompare(b.worker.name));
}
