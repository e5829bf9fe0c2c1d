import { OTHER_QUEUES } from './flow-book.js';

/** Values of one label; the others are counted together. */
export const MOST_NAMES = 100;

/** The first hundred each by itself, the others together. */
export function grouped<Item>(items: Iterable<readonly [name: string, item: Item]>): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const [name, item] of items) {
    const group = groups.size < MOST_NAMES ? name : OTHER_QUEUES;
    const some = groups.get(group);
    if (some === undefined) groups.set(group, [item]);
    else some.push(item);
  }
  return groups;
}
