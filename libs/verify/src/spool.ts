import { createReadStream } from 'node:fs';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fnv1a } from '@drover/core';
import { readLines } from '@drover/runtime';

/** Items that are held in memory: some hundred megabytes, with the garbage that is not collected yet. */
const MAX_HELD = 100_000;
const BUCKETS = 64;

/**
 * Gathers items by a key; they may come in any order. Items beyond the bound of memory go to temporary files, each for a
 * part of the keys, which are read back one by one. Items must be JSON.
 */
export class Spool<Item> {
  readonly #maxHeld: number;
  #held = new Map<string, Item[]>();
  #heldCount = 0;
  #folder: string | null = null;

  constructor(maxHeld = MAX_HELD) {
    this.#maxHeld = maxHeld;
  }

  async add(items: Iterable<readonly [key: string, item: Item]>): Promise<void> {
    for (const [key, item] of items) {
      hold(this.#held, key, item);
      this.#heldCount++;
    }
    if (this.#heldCount > this.#maxHeld) await this.#spill();
  }

  /** All keys, each once and with all its items in the order in which they came; some keys at a time. May be asked again. */
  async *groups(): AsyncGenerator<Iterable<[key: string, items: Item[]]>> {
    if (this.#folder === null) {
      yield this.#held;
      return;
    }
    await this.#spill();
    for (let bucket = 0; bucket < BUCKETS; bucket++) yield await readBucket<Item>(pathOf(this.#folder, bucket));
  }

  /** Removes the temporary files. */
  async close(): Promise<void> {
    if (this.#folder !== null) await rm(this.#folder, { recursive: true, force: true });
  }

  async #spill(): Promise<void> {
    this.#folder ??= await mkdtemp(join(tmpdir(), 'drover-verify-'));
    const folder = this.#folder;
    const texts = Array.from({ length: BUCKETS }, (): string[] => []);
    for (const [key, items] of this.#held)
      texts[bucketOf(key)]?.push(...items.map((item) => `${JSON.stringify([key, item])}\n`));
    await Promise.all(texts.map((lines, bucket) => appendFile(pathOf(folder, bucket), lines.join(''))));
    this.#held = new Map();
    this.#heldCount = 0;
  }
}

function hold<Item>(groups: Map<string, Item[]>, key: string, item: Item): void {
  const items = groups.get(key);
  if (items === undefined) groups.set(key, [item]);
  else items.push(item);
}

async function readBucket<Item>(path: string): Promise<Map<string, Item[]>> {
  const groups = new Map<string, Item[]>();
  for await (const lines of readLines(createReadStream(path)))
    for (const { text } of lines) hold(groups, ...(JSON.parse(text ?? '') as [string, Item]));
  return groups;
}

const pathOf = (folder: string, bucket: number): string => join(folder, `${bucket}.ndjson`);

const bucketOf = (key: string): number => fnv1a(key) % BUCKETS;
