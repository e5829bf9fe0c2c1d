import { parentOf, type Change, type Tree } from './tree.js';

export const KINDS = ['data', 'exists', 'children', 'persistent', 'recursive'] as const;
export type WatchKind = (typeof KINDS)[number];
export type EventType = 'created' | 'deleted' | 'changed' | 'children';
export interface Event {
  type: EventType;
  path: string;
}

/**
 * The watches of one connection, as the server keeps them. `data` and `exists` are one set on a real server too: what
 * is left of the difference is which of them the client asked for.
 */
export class WatchTable {
  readonly #sets: Record<WatchKind, Set<string>> = {
    data: new Set(),
    exists: new Set(),
    children: new Set(),
    persistent: new Set(),
    recursive: new Set(),
  };

  add(kind: WatchKind, path: string): void {
    // A path has one mode of persistent watch on servers before 3.9: the one set last.
    if (kind === 'persistent') this.#sets.recursive.delete(path);
    if (kind === 'recursive') this.#sets.persistent.delete(path);
    this.#sets[kind].add(path);
  }

  /** Returns whether there was any. */
  remove(path: string): boolean {
    return KINDS.map((kind) => this.#sets[kind].delete(path)).includes(true);
  }

  /** What this connection is told of a change; one-shot watches are used up. */
  fire({ type, path }: Change): Event[] {
    const events: Event[] = [];
    const oneShot = ['data', 'exists', ...(type === 'deleted' ? (['children'] as const) : [])] as const;
    const fired = oneShot.map((kind) => this.#sets[kind].delete(path)).includes(true);
    if (fired || this.#sets.persistent.has(path) || this.#isBelowRecursive(path)) events.push({ type, path });
    if (type !== 'changed') events.push(...this.#fireParent(parentOf(path)));
    return events;
  }

  /** After a reconnect: what changed since `sinceZxid` is told at once, the rest is watched. */
  restore(kind: WatchKind, path: string, sinceZxid: bigint, tree: Tree): Event[] {
    const node = tree.get(path);
    const missed = ((): EventType | null => {
      if (kind === 'persistent' || kind === 'recursive') return null;
      if (kind === 'exists') return node === undefined ? null : 'created';
      if (node === undefined) return 'deleted';
      if (kind === 'data') return node.stat.mzxid > sinceZxid ? 'changed' : null;
      return node.stat.pzxid > sinceZxid ? 'children' : null;
    })();
    if (missed !== null) return [{ type: missed, path }];
    this.add(kind, path);
    return [];
  }

  #fireParent(parent: string): Event[] {
    const fired = this.#sets.children.delete(parent);
    return fired || this.#sets.persistent.has(parent) ? [{ type: 'children', path: parent }] : [];
  }

  #isBelowRecursive(path: string): boolean {
    const { recursive } = this.#sets;
    if (recursive.size === 0) return false;
    for (let at = path; ; at = parentOf(at)) {
      if (recursive.has(at)) return true;
      if (at === '/') return false;
    }
  }
}
