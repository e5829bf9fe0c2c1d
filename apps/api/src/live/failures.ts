import type { schemas } from '@drover/api';
import { matchesFilter, parseTaskId, timeOfBatch, type Filter } from '@drover/core';
import type * as z from 'zod';
import { normalise } from './normalise.js';

export type FailureEntry = z.output<typeof schemas.failureEntry>;
export type FailureGroup = z.output<typeof schemas.failureGroup>;

const ENTRIES = 10_000;
const GROUPS = 1_000;
const MINUTES = 60;
const EXAMPLES = 5;
/** Queues and workers that a group names. */
const NAMES = 20;

/** Failures of one queue and type with one error. `perMinute` is a ring by the minute since 1970. */
interface Group {
  type: string;
  queue: string;
  error: string;
  message: string;
  count: number;
  first: number;
  last: number;
  examples: string[];
  workers: Set<string>;
  perMinute: Uint32Array;
  minute: number;
}

/** The last failures of attempts, and their groups. */
export class Failures {
  readonly #entries: FailureEntry[] = [];
  /** The least recently seen first. */
  readonly #groups = new Map<string, Group>();
  #leftOut = 0;
  #version = 0;
  #made: { version: number; minute: number; groups: FailureGroup[] } | null = null;

  add(entry: FailureEntry): void {
    this.#entries.push(entry);
    // Cut in large steps: to shift an array of this length costs more than to append to it.
    if (this.#entries.length > ENTRIES * 1.1) this.#entries.splice(0, this.#entries.length - ENTRIES);
    this.#count(entry);
  }

  /** So many were not told in detail. */
  leaveOut(count: number): void {
    this.#leftOut += count;
  }

  get leftOut(): number {
    return this.#leftOut;
  }

  /**
   * The newest first: `limit` that match. `until`: of this time or before; `skip`: behind the first so many of exactly that time.
   */
  page(
    filter: Filter,
    now: number,
    { until = null, skip = 0, limit }: { until?: number | null; skip?: number; limit: number },
  ): { items: FailureEntry[]; more: boolean } {
    const items: FailureEntry[] = [];
    let toSkip = skip;
    for (let i = this.#entries.length - 1; i >= 0; i--) {
      const entry = this.#entries[i];
      if (entry === undefined || (until !== null && entry.at > until) || !matches(filter, entry, now)) continue;
      if (entry.at === until && toSkip-- > 0) continue;
      if (items.length === limit) return { items, more: true };
      items.push(entry);
    }
    return { items, more: false };
  }

  /** The oldest first, for a replica that begins to follow. */
  all(): readonly FailureEntry[] {
    return this.#entries.slice(-ENTRIES);
  }

  /** The most frequent first. A filter that says more than queue, type and error looks at the last failures only. */
  groups(filter: Filter, now: number): FailureGroup[] {
    if (filter.length === 0) return this.#all(now);
    const isSimple = filter.every(({ field }) => field === 'queue' || field === 'type' || field === 'error');
    const found = isSimple
      ? this.#kept(filter, now)
      : grouped(this.#entries.filter((entry) => matches(filter, entry, now)));
    return byCount(merged(found, now));
  }

  /** Everybody who looks at the overview asks for all of them: they are made once for each change. */
  #all(now: number): FailureGroup[] {
    const minute = Math.floor(now / 60_000);
    if (this.#made?.version !== this.#version || this.#made.minute !== minute)
      this.#made = { version: this.#version, minute, groups: byCount(merged([...this.#groups.values()], now)) };
    return this.#made.groups;
  }

  /** Failures of the last so many minutes, 60 at most. */
  recent(minutes: number, now: number): number {
    let sum = 0;
    for (const group of this.#groups.values()) for (const count of minutesOf(group, now).slice(-minutes)) sum += count;
    return sum;
  }

  #kept(filter: Filter, now: number): Group[] {
    return [...this.#groups.values()].filter(({ type, queue, error, message, examples, last }) =>
      matches(
        filter,
        {
          ...{ type, queue, worker: null, attempt: 1, at: last, final: true },
          task: examples[0] ?? '',
          error: { name: error, message },
        },
        now,
      ),
    );
  }

  #count(entry: FailureEntry): void {
    this.#version++;
    const message = normalise(entry.error.message);
    const key = keyOf(entry, message);
    const group = this.#groups.get(key) ?? newGroup(entry, message);
    this.#groups.delete(key);
    this.#groups.set(key, group);
    addTo(group, entry);
    if (this.#groups.size <= GROUPS) return;
    for (const oldest of this.#groups.keys()) {
      this.#groups.delete(oldest);
      return;
    }
  }
}

const keyOf = ({ type, queue, error }: FailureEntry, message: string): string =>
  [queue, type, error.name, message].join('\0');

function newGroup({ type, queue, error, at }: FailureEntry, message: string): Group {
  const perMinute = new Uint32Array(MINUTES);
  const minute = Math.floor(at / 60_000);
  return {
    type,
    queue,
    error: error.name,
    message,
    count: 0,
    first: at,
    last: at,
    examples: [],
    workers: new Set(),
    perMinute,
    minute,
  };
}

function addTo(group: Group, { task, at, worker }: FailureEntry): void {
  group.count++;
  group.last = Math.max(group.last, at);
  if (group.examples[0] !== task)
    group.examples = [task, ...group.examples.filter((other) => other !== task)].slice(0, EXAMPLES);
  if (worker !== null && group.workers.size < NAMES) group.workers.add(worker);
  const minute = Math.floor(at / 60_000);
  for (let passed = group.minute + 1; passed <= Math.min(minute, group.minute + MINUTES); passed++)
    group.perMinute[passed % MINUTES] = 0;
  group.minute = Math.max(group.minute, minute);
  if (minute > group.minute - MINUTES) group.perMinute[minute % MINUTES] = (group.perMinute[minute % MINUTES] ?? 0) + 1;
}

const byCount = (groups: FailureGroup[]): FailureGroup[] => groups.sort((a, b) => b.count - a.count || b.last - a.last);

/** The last sixty minutes, the oldest first. */
function minutesOf({ perMinute, minute }: Group, now: number): number[] {
  const last = Math.max(minute, Math.floor(now / 60_000));
  return Array.from({ length: MINUTES }, (_, i) => {
    const at = last - MINUTES + 1 + i;
    return at <= minute && at > minute - MINUTES ? (perMinute[at % MINUTES] ?? 0) : 0;
  });
}

function grouped(entries: readonly FailureEntry[]): Group[] {
  const groups = new Map<string, Group>();
  for (const entry of entries) {
    const message = normalise(entry.error.message);
    const key = keyOf(entry, message);
    const group = groups.get(key) ?? newGroup(entry, message);
    groups.set(key, group);
    addTo(group, entry);
  }
  return [...groups.values()];
}

/** Groups of different queues with the same type and error are one. */
function merged(groups: readonly Group[], now: number): FailureGroup[] {
  const found = new Map<string, FailureGroup>();
  for (const group of groups) {
    const { type, error, message, count, first, last, examples, queue, workers } = group;
    const key = [type, error, message].join('\0');
    const perMinute = minutesOf(group, now);
    const other = found.get(key);
    if (other === undefined) {
      found.set(key, {
        type,
        error,
        message,
        count,
        first,
        last,
        examples,
        queues: [queue],
        workers: [...workers],
        perMinute,
      });
      continue;
    }
    other.count += count;
    other.first = Math.min(other.first, first);
    other.examples = [...other.examples, ...examples].slice(0, EXAMPLES);
    if (other.queues.length < NAMES) other.queues.push(queue);
    other.workers = [...new Set([...other.workers, ...workers])].slice(0, NAMES);
    other.perMinute = other.perMinute.map((each, i) => each + (perMinute[i] ?? 0));
    other.last = Math.max(other.last, last);
  }
  return [...found.values()];
}

function matches(filter: Filter, entry: FailureEntry, now: number): boolean {
  if (filter.length === 0) return true;
  const { task: id, type, queue, worker, attempt, error, final } = entry;
  const batch = parseTaskId(id)?.batch;
  const submittedAt = batch === undefined ? 0 : timeOfBatch(batch);
  const state = final ? 'failed' : 'retrying';
  return matchesFilter(filter, { id, type, queue, worker, key: null, attempt, error, state, submittedAt }, now);
}
