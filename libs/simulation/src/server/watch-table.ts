import type { TransactionOperation, Tree } from './tree.js';

export const KINDS = ['data', 'exists', 'children', 'persistent', 'recursive'] as const;
export type WatchKind = (typeof KINDS)[number];
export type EventType = 'created' | 'deleted' | 'changed' | 'children';
const EVENT_TYPES = { create: 'created', delete: 'deleted', set: 'changed', setAcl: 'changed' } as const;
export interface Event {
  type: EventType;
  path: string;
}

/**
 * The watches of one connection, as the server keeps them. A real server keeps `data` and `exists` in one set; they are
 * apart here only to know which of them the client asked for.
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

  /** Tells what this connection hears of a change; one-shot watches are used up. */
  fire({ op, path, ancestors }: TransactionOperation, tell: (event: Event) => void): void {
    const type = EVENT_TYPES[op];
    const sets = this.#sets;
    let isHeard = sets.data.delete(path);
    isHeard = sets.exists.delete(path) || isHeard;
    if (type === 'deleted') isHeard = sets.children.delete(path) || isHeard;
    if (isHeard || sets.persistent.has(path) || this.#isBelowRecursive(ancestors)) tell({ type, path });
    const [, parent] = ancestors;
    if (type === 'changed' || parent === undefined) return;
    if (sets.children.delete(parent) || sets.persistent.has(parent)) tell({ type: 'children', path: parent });
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

  #isBelowRecursive(ancestors: readonly string[]): boolean {
    const { recursive } = this.#sets;
    return recursive.size > 0 && ancestors.some((path) => recursive.has(path));
  }
}
