import { createReadStream } from 'node:fs';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLines } from '@drover/runtime';
import { addEntry, emptyHistory, sortHistory, type TaskEntry, type TaskHistory } from './task-history.js';

/** Entries that are held in memory: some hundred megabytes, with the garbage that is not collected yet. */
const MAX_HELD = 100_000;
const BUCKETS = 64;

/**
 * Gathers entries by task; they may come in any order. Entries beyond the bound of memory go to temporary files, each
 * for a part of the tasks, which are read back one by one.
 */
export class Grouping {
  readonly #maxHeld: number;
  #held = new Map<string, TaskHistory>();
  #heldCount = 0;
  #folder: string | null = null;

  constructor(maxHeld = MAX_HELD) {
    this.#maxHeld = maxHeld;
  }

  async add(entries: readonly TaskEntry[]): Promise<void> {
    for (const entry of entries) hold(this.#held, entry);
    this.#heldCount += entries.length;
    if (this.#heldCount > this.#maxHeld) await this.#spill();
  }

  /** All tasks, each once and whole, some at a time. May be asked again. */
  async *tasks(): AsyncGenerator<Iterable<TaskHistory>> {
    if (this.#folder === null) {
      yield sorted(this.#held);
      return;
    }
    await this.#spill();
    for (let bucket = 0; bucket < BUCKETS; bucket++) yield sorted(await readBucket(pathOf(this.#folder, bucket)));
  }

  /** Removes the temporary files. */
  async close(): Promise<void> {
    if (this.#folder !== null) await rm(this.#folder, { recursive: true, force: true });
  }

  async #spill(): Promise<void> {
    this.#folder ??= await mkdtemp(join(tmpdir(), 'drover-verify-'));
    const folder = this.#folder;
    const texts = Array.from({ length: BUCKETS }, (): string[] => []);
    for (const task of this.#held.values()) texts[bucketOf(task.task)]?.push(asLines(task));
    await Promise.all(texts.map((lines, bucket) => appendFile(pathOf(folder, bucket), lines.join(''))));
    this.#held = new Map();
    this.#heldCount = 0;
  }
}

function hold(tasks: Map<string, TaskHistory>, added: TaskEntry): void {
  const { task } = added.entry;
  let history = tasks.get(task);
  if (history === undefined) {
    history = emptyHistory(task);
    tasks.set(task, history);
  }
  addEntry(history, added);
}

async function readBucket(path: string): Promise<Map<string, TaskHistory>> {
  const tasks = new Map<string, TaskHistory>();
  for await (const lines of readLines(createReadStream(path)))
    for (const { text } of lines) hold(tasks, JSON.parse(text ?? '') as TaskEntry);
  return tasks;
}

function* sorted(tasks: ReadonlyMap<string, TaskHistory>): Generator<TaskHistory> {
  for (const history of tasks.values()) {
    sortHistory(history);
    yield history;
  }
}

function asLines({ operations, effects, writes }: TaskHistory): string {
  const entries: TaskEntry[] = [
    ...operations.map((entry) => ({ from: 'operations', entry }) as const),
    ...effects.map((entry) => ({ from: 'effects', entry }) as const),
    ...writes.map((entry) => ({ from: 'resource', entry }) as const),
  ];
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
}

const pathOf = (folder: string, bucket: number): string => join(folder, `${bucket}.ndjson`);

/** FNV-1a: any spread will do. */
function bucketOf(task: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < task.length; index++) hash = Math.imul(hash ^ task.charCodeAt(index), 0x01000193);
  return (hash >>> 0) % BUCKETS;
}
