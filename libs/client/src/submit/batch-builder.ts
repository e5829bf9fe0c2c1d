import { LIMITS, sameOptions, type BatchId, type TaskOptions } from '@drover/core';
import type { TaskGroup } from '@drover/protocol';

/** The place of a task: its batch and line. `groups`: the options of the batch's tasks; `null` until they are read. */
export interface BatchRef {
  readonly id: BatchId;
  readonly groups: readonly TaskGroup[] | null;
}

/** A task on its way into a batch. One of the two callbacks is called once. */
export interface Entry {
  readonly options: TaskOptions;
  /** JSON. */
  readonly payload: string;
  readonly bytes: number;
  /** One entry for each interceptor, which has given it for the task; only of a client that has some. */
  carried?: readonly unknown[];
  acknowledged(batch: BatchRef, index: number, deduplicated: boolean): void;
  failed(error: unknown): void;
}

export interface BuilderLimits {
  tasks: number;
  bytes: number;
  /** Each needs an operation in the multi beside the batch's own. */
  keys: number;
}

/**
 * The tasks of one queue that will be one batch. Pure: its owner decides when to write it.
 * Law: a builder that has room for a task keeps every limit with it, unless that task is its only one.
 */
export class BatchBuilder {
  readonly entries: Entry[] = [];
  /** Tasks with the key of an earlier one of this batch: they become that one. */
  readonly followers = new Map<string, Entry[]>();
  readonly #keys = new Set<string>();
  readonly #limits: BuilderLimits;
  #bytes = 0;
  /** Of resources, conditions and companions in the header, which everybody who looks at the batch reads. */
  #placedBytes = 0;

  constructor(limits: BuilderLimits) {
    this.#limits = limits;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get keyed(): boolean {
    return this.#keys.size > 0;
  }

  hasRoomFor(entry: Entry): boolean {
    if (this.entries.length === 0) return true;
    const { key } = entry.options;
    if (key !== null && !this.#keys.has(key) && this.#keys.size >= this.#limits.keys) return false;
    if (this.#placedBytes + placedCost(entry, this.entries.at(-1)) > LIMITS.placementBytes) return false;
    return this.entries.length < this.#limits.tasks && this.#bytes + this.#costOf(entry) <= this.#limits.bytes;
  }

  add(entry: Entry): void {
    const { key } = entry.options;
    if (key !== null && this.#keys.has(key)) {
      const followers = this.followers.get(key);
      if (followers === undefined) this.followers.set(key, [entry]);
      else followers.push(entry);
      return;
    }
    if (key !== null) this.#keys.add(key);
    this.#bytes += this.#costOf(entry);
    this.#placedBytes += placedCost(entry, this.entries.at(-1));
    this.entries.push(entry);
  }

  #costOf(entry: Entry): number {
    const before = this.entries.at(-1);
    return costOf(entry) + groupCost(entry, before) + placedCost(entry, before);
  }

  /** Everybody who waits for this batch. */
  *everyone(): Generator<Entry> {
    yield* this.entries;
    for (const followers of this.followers.values()) yield* followers;
  }
}

/** A key stands in the header, and in a record of its own with the task's id. */
function costOf({ options: { key }, bytes }: Entry): number {
  return bytes + 1 + (key === null ? 0 : 2 * 3 * key.length + 200);
}

/** Long options stand in the header, once for all that follow each other and have the same ones. */
function groupCost({ options }: Entry, before: Entry | undefined): number {
  const { after, limits, sequence } = options;
  if (after === null && limits === null && sequence === null) return 0;
  if (before !== undefined && sameOptions(before.options, options)) return 0;
  const named = limits === null ? 0 : limits.reduce((sum, ref) => sum + 3 * ref.length + 3, 20);
  const ordered = sequence === null ? 0 : 3 * sequence.key.length + 60;
  return (after?.length ?? 0) * AFTER_BYTES + named + ordered;
}

const PLACED = ['resources', 'where', 'prefer', 'spread', 'apart', 'near', 'sticky'] as const;

/** The same of where a task may run. Mostly it says nothing of that. */
function placedCost({ options }: Entry, before: Entry | undefined): number {
  if (before?.options === options) return 0;
  const placed = PLACED.filter((name) => options[name] !== null);
  if (placed.length === 0 || (before !== undefined && sameOptions(before.options, options))) return 0;
  return placed.reduce((sum, name) => sum + name.length + 4 + Buffer.byteLength(JSON.stringify(options[name])), 0);
}

/** A batch's id of 26 characters, an index, quotes and comma. */
const AFTER_BYTES = 40;

/** Run-length: consecutive tasks with the same options are one group. */
export function groupsOf(entries: readonly Pick<Entry, 'options'>[]): TaskGroup[] {
  const groups: TaskGroup[] = [];
  let last: { options: TaskOptions; group: TaskGroup } | undefined;
  for (const { options } of entries) {
    // Mostly it is the same object.
    if (last !== undefined && sameOptions(last.options, options)) last.group.count++;
    else {
      last = { options, group: { ...options, count: 1 } };
      groups.push(last.group);
    }
  }
  return groups;
}
