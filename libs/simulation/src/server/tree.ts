import type { Acl, Stat } from '@drover/zookeeper';

/** One version of a znode. It never changes: all copies of the tree share it. */
export interface Znode {
  readonly data: Buffer;
  readonly acl: readonly Acl[];
  /** Names, in the order in which they were created. */
  readonly children: readonly string[];
  readonly stat: Stat;
  readonly kind: 'persistent' | 'ephemeral' | 'container' | 'ttl';
  readonly ttlMs: number;
}

/** The place of a znode. */
export interface Place {
  path: string;
  name: string;
  /** Paths from the znode itself up to the root. */
  ancestors: readonly string[];
}

export type TransactionOperation = Place &
  (
    | { op: 'create'; data: Buffer; acl: readonly Acl[]; kind: Znode['kind']; owner: bigint; ttlMs: number }
    | { op: 'set'; data: Buffer }
    | { op: 'setAcl'; acl: readonly Acl[] }
    | { op: 'delete' }
  );

/** The znodes that a transaction changes, after it, by path; `null`: deleted. */
export type Changes = ReadonlyMap<string, Znode | null>;

/** A decision of the leader. Without operations where a request has failed. */
export interface Transaction {
  zxid: bigint;
  operations: readonly TransactionOperation[];
  changes: Changes;
}

/** The znodes, for look-ups. */
export interface Znodes {
  get(path: string): Znode | undefined;
}

const WORLD: readonly Acl[] = [{ permissions: 31, scheme: 'world', id: 'anyone' }];
const ROOT = newZnode({ data: Buffer.alloc(0), acl: WORLD, kind: 'persistent', owner: 0n, ttlMs: 0 }, 0n, 0);

/** One server's copy of the znodes. Transactions are applied to it in the order of their zxids, and nothing else is. */
export class Tree implements Znodes {
  /** The zxid of the last transaction that was applied. */
  zxid = 0n;
  readonly #znodes = new Map([['/', ROOT]]);

  get(path: string): Znode | undefined {
    return this.#znodes.get(path);
  }

  paths(): IterableIterator<string> {
    return this.#znodes.keys();
  }

  apply({ zxid, changes }: Transaction): void {
    this.zxid = zxid;
    for (const [path, znode] of changes) {
      if (znode === null) this.#znodes.delete(path);
      else this.#znodes.set(path, znode);
    }
  }
}

/** A transaction in the making. It sees what it has done so far; the tree knows nothing of it yet. */
export class Draft implements Znodes {
  readonly changes = new Map<string, Znode | null>();
  readonly operations: TransactionOperation[] = [];
  readonly #tree: Znodes;
  readonly #zxid: bigint;
  readonly #timeMs: number;

  constructor(tree: Znodes, zxid: bigint, timeMs: number) {
    this.#tree = tree;
    this.#zxid = zxid;
    this.#timeMs = timeMs;
  }

  get(path: string): Znode | undefined {
    const changed = this.changes.get(path);
    return changed === undefined ? this.#tree.get(path) : (changed ?? undefined);
  }

  add(operation: TransactionOperation): void {
    const { path, name } = operation;
    this.operations.push(operation);
    switch (operation.op) {
      case 'create':
        this.#changeChildren(operation, (children) => [...children, name]);
        this.changes.set(path, newZnode(operation, this.#zxid, this.#timeMs));
        return;
      case 'delete':
        this.#changeChildren(operation, (children) => children.filter((child) => child !== name));
        this.changes.set(path, null);
        return;
      case 'set':
        this.#set(path, operation.data);
        return;
      case 'setAcl': {
        const znode = this.#require(path);
        const stat = { ...znode.stat, aversion: znode.stat.aversion + 1 };
        this.changes.set(path, { ...znode, acl: operation.acl, stat });
      }
    }
  }

  #set(path: string, data: Buffer): void {
    const znode = this.#require(path);
    const version = znode.stat.version + 1;
    const stat = { ...znode.stat, mzxid: this.#zxid, mtime: this.#timeMs, version, dataLength: data.length };
    this.changes.set(path, { ...znode, data, stat });
  }

  #changeChildren({ ancestors }: Place, change: (children: readonly string[]) => readonly string[]): void {
    const [, parent = '/'] = ancestors;
    const znode = this.#require(parent);
    const children = change(znode.children);
    const cversion = znode.stat.cversion + 1;
    const stat = { ...znode.stat, cversion, pzxid: this.#zxid, numChildren: children.length };
    this.changes.set(parent, { ...znode, children, stat });
  }

  #require(path: string): Znode {
    const znode = this.get(path);
    if (znode === undefined) throw new Error(`the simulation applied a transaction on ${path}, which is not there`);
    return znode;
  }
}

function newZnode(
  made: { data: Buffer; acl: readonly Acl[]; kind: Znode['kind']; owner: bigint; ttlMs: number },
  zxid: bigint,
  timeMs: number,
): Znode {
  const { data, acl, kind, owner, ttlMs } = made;
  const times = { ctime: timeMs, mtime: timeMs };
  const versions = { version: 0, cversion: 0, aversion: 0 };
  const sizes = { dataLength: data.length, numChildren: 0 };
  const stat = { czxid: zxid, mzxid: zxid, pzxid: zxid, ...times, ...versions, ...sizes, ephemeralOwner: owner };
  return { data, acl, children: [], stat, kind, ttlMs };
}

export function placeOf(path: string): Place {
  const ancestors = [path];
  for (let at = path; at !== '/'; ancestors.push(at)) at = parentOf(at);
  return { path, name: nameOf(path), ancestors };
}

export const parentOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')));
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
