import type { Facts, QueueLive } from '@drover/api';
import { emptyQueue, liveQueue, type Servers } from './queue-live.js';
import type { TermView } from './term-view.js';

/** Queues of one message. */
const MOST_QUEUES = 50;
const MOST_TYPES = 50;
/** The servers of a queue are looked up so often at most. */
const SERVERS_MS = 1_000;

/** News that counters do not tell. */
type News = Pick<Facts, 'workersChanged' | 'schedulesChanged' | 'flows' | 'broadcasts'>;

interface Told {
  readonly text: string;
  readonly servers: Servers;
  readonly lookedAt: number;
}

/**
 * Makes the messages that tell of one term: what has changed since the last one. The first one tells everything. Costs the
 * busiest queues and those that something went through, whatever else there is.
 */
export class TermFacts {
  readonly #view: TermView;
  readonly #queues = new Map<string, Told>();
  /** When a type was seen first that nobody runs. */
  readonly #unserved = new Map<string, number>();
  /** The message before without what only messages have. */
  #before = '';
  #parts: { tally: string; totals: string; workers: string } = { tally: '', totals: '', workers: '' };
  n = 0;

  constructor(view: TermView) {
    this.#view = view;
  }

  /** Null: nothing has changed. */
  next(news: News): Facts | null {
    const view = this.#view;
    const { planner, flow } = view;
    const now = view.now();
    const { failures, leftOut } = view.failures.take();
    const tally = planner.tally();
    const totals = { ...flow.totals };
    const workers = { ...view.workers(), ...planner.slots() };
    const state = {
      ...{ epoch: view.epoch, since: view.since, whole: view.isWhole(), oldestDueAt: planner.oldestDueAt() },
      ...{ queues: this.#changedQueues(now), unservedTypes: this.#unservedTypes(now) },
      ...{ intake: view.intake(), firesHeld: view.firesHeld(), workersLost: view.workersLost() },
      workersSilent: view.workersSilent(),
    };
    const texts = { tally: JSON.stringify(tally), totals: JSON.stringify(totals), workers: JSON.stringify(workers) };
    const text = JSON.stringify([state, texts]);
    const isNews =
      news.workersChanged ||
      news.schedulesChanged ||
      [failures, news.flows, news.broadcasts].some(({ length }) => length > 0) ||
      leftOut > 0;
    if (text === this.#before && !isNews) return null;
    const before = this.#parts;
    this.#before = text;
    this.#parts = texts;
    return {
      ...{ ...state, ...news, n: ++this.n, at: now, failures, failuresLeftOut: leftOut },
      tally: before.tally === texts.tally ? null : tally,
      totals: before.totals === texts.totals ? null : totals,
      workers: before.workers === texts.workers ? null : workers,
    };
  }

  #changedQueues(now: number): QueueLive[] {
    const { planner, flow } = this.#view;
    const changed: QueueLive[] = [];
    const looked = new Set<string>();
    const look = (live: (servers: Servers) => QueueLive, name: string): void => {
      looked.add(name);
      flow.changed.delete(name);
      const told = this.#queues.get(name);
      const isOld = told === undefined || told.lookedAt + SERVERS_MS <= now;
      const servers = isOld ? planner.serversOf(name) : told.servers;
      const queue = live(servers);
      const text = JSON.stringify(queue);
      this.#queues.set(name, { text, servers, lookedAt: isOld ? now : told.lookedAt });
      if (text !== told?.text) changed.push(queue);
    };
    for (const counts of planner.queueCounts(null, MOST_QUEUES))
      look((servers) => liveQueue(counts, flow.queues.get(counts.name), servers), counts.name);
    // Those that something went through, and those that were told of and are among the busiest no more.
    for (const name of [...flow.changed, ...this.#queues.keys()]) {
      if (changed.length >= MOST_QUEUES) break;
      if (looked.has(name)) continue;
      const [counts] = planner.queueCounts([name], 1);
      look((servers) => liveQueue(counts ?? emptyQueue(name), flow.queues.get(name), servers), name);
      if (counts === undefined && !flow.queues.has(name)) this.#queues.delete(name);
    }
    this.#forgetQuiet();
    return changed.slice(0, MOST_QUEUES);
  }

  /** As many are remembered as are told in a few messages: one that is told again is told as it is. */
  #forgetQuiet(): void {
    for (const name of this.#queues.keys()) {
      if (this.#queues.size <= 4 * MOST_QUEUES) return;
      this.#queues.delete(name);
    }
  }

  #unservedTypes(now: number): Facts['unservedTypes'] {
    const found = this.#view.planner.unserved(MOST_TYPES);
    const types = new Set(found.map(({ type }) => type));
    for (const type of this.#unserved.keys()) if (!types.has(type)) this.#unserved.delete(type);
    return found.map(({ type, pending }) => {
      const since = this.#unserved.get(type) ?? now;
      this.#unserved.set(type, since);
      return { type, pending, since };
    });
  }
}

/** This scheduler does not lead. */
export function noTerm(at: number): Facts {
  return {
    ...{ epoch: null, n: 0, at, since: null, whole: false, tally: null, totals: null, oldestDueAt: null },
    ...{ queues: [], failures: [], failuresLeftOut: 0, unservedTypes: [], workersChanged: false },
    ...{
      schedulesChanged: false,
      flows: [],
      broadcasts: [],
      intake: null,
      firesHeld: null,
      workers: null,
      workersLost: [],
      workersSilent: [],
    },
  };
}
