import { LONG_SECONDS_BUCKETS, WeightedHistogram } from '@drover/observability';
import type { Flow, FlowEnd } from '@drover/planner';

type Ended = 'succeeded' | 'failed' | 'cancelled';

/** Series of a queue are forgotten when nothing has gone through it for so long. */
const FORGET_MS = 600_000;
/** Queues are looked through so often for those. */
const LOOK_EVERY_MS = 60_000;
/** Queues, and accounts, that have histograms of their own: each has some dozens of series. */
const MOST_HISTOGRAMS = 10;
export const OTHER_QUEUES = '_other';

/** How long tasks of a queue waited, and took from their submit to their end; seconds. */
export interface Times {
  /** The queue, or `OTHER_QUEUES`. */
  readonly name: string;
  readonly wait: WeightedHistogram;
  readonly latency: Readonly<Record<Ended, WeightedHistogram>>;
}

/** The tasks that have gone through a queue since the term began, or since it was forgotten: their numbers. */
export class QueueFlow {
  submitted = 0;
  assigned = 0;
  succeeded = 0;
  failed = 0;
  cancelled = 0;
  /** Ends of attempts, by outcome. */
  readonly attempts = new Map<string, number>();
  readonly times: Times;
  usedAt: number;

  constructor(times: Times, usedAt: number) {
    this.times = times;
    this.usedAt = usedAt;
  }

  get finished(): number {
    return this.succeeded + this.failed + this.cancelled;
  }
}

/** Outcomes with which an attempt has failed. */
const BAD: ReadonlySet<string> = new Set(['failed', 'rejected', 'timed-out', 'lost']);

/**
 * Counts what goes through the queues in one term: a few additions for a batch, an assignment, a report. Earlier ends that a new
 * leader finds do not count.
 */
export class FlowBook implements Flow {
  #now: number;
  #lookAt: number;
  readonly since: number;
  readonly queues = new Map<string, QueueFlow>();
  /** Queues that something has gone through since somebody asked. */
  readonly changed = new Set<string>();
  readonly totals = { submitted: 0, finished: 0, failed: 0, failedAttempts: 0 };
  /** How long tasks waited until they were handed out, in seconds: of the first accounts, and of all others together. */
  readonly waits = new Map<string, WeightedHistogram>();
  readonly #others = timesOf(OTHER_QUEUES);
  #ownTimes = 0;

  /** `since`: when the term began, by ZooKeeper's clock. */
  constructor(since: number) {
    this.since = since;
    this.#now = since;
    this.#lookAt = since + LOOK_EVERY_MS;
  }

  /** By ZooKeeper's clock, as of the last plan. */
  get now(): number {
    return this.#now;
  }

  /**
   * To be called with each plan: nothing is counted without one, so whoever has only few queues at a time keeps only few, whether
   * somebody looks or not. `isThere`: the queue has unfinished tasks or settings.
   */
  planned(now: number, isThere: (queue: string) => boolean): void {
    this.#now = now;
    if (now < this.#lookAt) return;
    this.#lookAt = now + LOOK_EVERY_MS;
    this.forgetOld(isThere);
  }

  readonly submitted = (queue: string, tasks: number, at: number): void => {
    if (at < this.since) return;
    this.#of(queue).submitted += tasks;
    this.totals.submitted += tasks;
  };

  readonly handedOut = (queue: string, tasks: number, waitedMs: number, account: string): void => {
    const flow = this.#of(queue);
    flow.assigned += tasks;
    flow.times.wait.observe(waitedMs / 1_000, tasks);
    this.#waitOf(account).observe(waitedMs / 1_000, tasks);
  };

  readonly ended = (queue: string, state: Ended, tasks: number, { tookMs, at }: FlowEnd): void => {
    if (at < this.since) return;
    const flow = this.#of(queue);
    flow[state] += tasks;
    flow.times.latency[state].observe(tookMs / 1_000, tasks);
    this.totals.finished += tasks;
    if (state === 'failed') this.totals.failed += tasks;
  };

  /** Attempts have ended while this leader led. */
  attemptsEnded(queue: string, outcome: string, tasks: number): void {
    const { attempts } = this.#of(queue);
    attempts.set(outcome, (attempts.get(outcome) ?? 0) + tasks);
    if (BAD.has(outcome)) this.totals.failedAttempts += tasks;
  }

  /** Forgets queues that nothing has gone through for long. `isThere`: it has unfinished tasks or settings. */
  forgetOld(isThere: (queue: string) => boolean): void {
    for (const [name, { usedAt, times }] of this.queues) {
      if (usedAt + FORGET_MS > this.now || isThere(name)) continue;
      this.queues.delete(name);
      this.changed.delete(name);
      if (times !== this.#others) this.#ownTimes--;
    }
  }

  #of(queue: string): QueueFlow {
    let flow = this.queues.get(queue);
    if (flow === undefined) {
      const isOwn = this.#ownTimes < MOST_HISTOGRAMS;
      if (isOwn) this.#ownTimes++;
      flow = new QueueFlow(isOwn ? timesOf(queue) : this.#others, this.now);
      this.queues.set(queue, flow);
    }
    flow.usedAt = this.now;
    this.changed.add(queue);
    return flow;
  }

  #waitOf(account: string): WeightedHistogram {
    const own = this.waits.get(account);
    if (own !== undefined) return own;
    const name = this.waits.size < MOST_HISTOGRAMS ? account : OTHER_QUEUES;
    const wait = this.waits.get(name) ?? new WeightedHistogram(LONG_SECONDS_BUCKETS);
    this.waits.set(name, wait);
    return wait;
  }

  /** Of the queues that have their own, and of all others together. */
  times(): readonly Times[] {
    const own = [...this.queues.values()].map(({ times }) => times).filter((times) => times !== this.#others);
    return this.#others.wait.count + this.#others.latency.succeeded.count > 0 ? [...own, this.#others] : own;
  }
}

function timesOf(name: string): Times {
  const made = (): WeightedHistogram => new WeightedHistogram(LONG_SECONDS_BUCKETS);
  return { name, wait: made(), latency: { succeeded: made(), failed: made(), cancelled: made() } };
}
