import type { Acl, Stat } from '@drover/zookeeper';

/** One server's copy of the znodes. Transactions are applied to it in the order of their zxids, and to nothing else. */
export interface Node {
  data: Buffer;
  acl: readonly Acl[];
  children: Set<string>;
  /** Without `dataLength` and `numChildren`, which follow from the rest. */
  stat: Omit<Stat, 'dataLength' | 'numChildren'>;
  kind: 'persistent' | 'ephemeral' | 'container' | 'ttl';
  ttlMs: number;
}

/** Where a znode is: worked out once, for all copies. */
export interface Place {
  path: string;
  name: string;
  /** From the znode itself up to the root. */
  ancestors: readonly string[];
}

export type TransactionOperation = Place &
  (
    | { op: 'create'; data: Buffer; acl: readonly Acl[]; kind: Node['kind']; owner: bigint; ttlMs: number }
    | { op: 'set'; data: Buffer }
    | { op: 'setAcl'; acl: readonly Acl[] }
    | { op: 'delete' }
  );

/** What the leader decided: it applies to every copy alike. An operation list may be empty (a failed request). */
export interface Transaction {
  zxid: bigint;
  timeMs: number;
  operations: readonly TransactionOperation[];
}

const WORLD: readonly Acl[] = [{ permissions: 31, scheme: 'world', id: 'anyone' }];

export class Tree {
  /** Of the last transaction applied. */
  zxid = 0n;
  readonly #nodes = new Map<string, Node>();

  constructor() {
    this.#nodes.set(
      '/',
      newNode({ data: Buffer.alloc(0), acl: WORLD, kind: 'persistent', owner: 0n, ttlMs: 0 }, 0n, 0),
    );
  }

  get(path: string): Node | undefined {
    return this.#nodes.get(path);
  }

  paths(): IterableIterator<string> {
    return this.#nodes.keys();
  }

  statOf(node: Node): Stat {
    return { ...node.stat, dataLength: node.data.length, numChildren: node.children.size };
  }

  apply({ zxid, timeMs, operations }: Transaction): void {
    this.zxid = zxid;
    for (const operation of operations) this.applyOne(operation, zxid, timeMs);
  }

  /** `undos` is given what takes it back, for a multi of which a later operation fails. */
  applyOne(operation: TransactionOperation, zxid: bigint, timeMs: number, undos?: (() => void)[]): void {
    const { path } = operation;
    switch (operation.op) {
      case 'create':
        this.#touchParent(operation, zxid, true, undos);
        this.#nodes.set(path, newNode(operation, zxid, timeMs));
        undos?.push(() => this.#nodes.delete(path));
        return;
      case 'delete': {
        const node = this.#require(path);
        this.#touchParent(operation, zxid, false, undos);
        this.#nodes.delete(path);
        undos?.push(() => this.#nodes.set(path, node));
        return;
      }
      case 'set':
      case 'setAcl':
        this.#update(operation, zxid, timeMs, undos);
    }
  }

  #update(
    operation: TransactionOperation & { op: 'set' | 'setAcl' },
    zxid: bigint,
    timeMs: number,
    undos?: (() => void)[],
  ): void {
    const node = this.#require(operation.path);
    const { data, acl, stat } = node;
    if (operation.op === 'set') {
      node.data = operation.data;
      node.stat = { ...stat, version: stat.version + 1, mzxid: zxid, mtime: timeMs };
    } else {
      node.acl = operation.acl;
      node.stat = { ...stat, aversion: stat.aversion + 1 };
    }
    undos?.push(() => Object.assign(node, { data, acl, stat }));
  }

  /** The parent gains or loses the child. */
  #touchParent({ name, ancestors }: Place, zxid: bigint, gains: boolean, undos?: (() => void)[]): void {
    const parent = this.#require(ancestors[1] ?? '/');
    const { stat, children } = parent;
    if (gains) children.add(name);
    else children.delete(name);
    parent.stat = { ...stat, cversion: stat.cversion + 1, pzxid: zxid };
    undos?.push(() => {
      parent.stat = stat;
      if (gains) children.delete(name);
      else children.add(name);
    });
  }

  #require(path: string): Node {
    const node = this.#nodes.get(path);
    if (node === undefined) throw new Error(`the simulation applied a transaction on ${path}, which is not there`);
    return node;
  }
}

function newNode(
  made: { data: Buffer; acl: readonly Acl[]; kind: Node['kind']; owner: bigint; ttlMs: number },
  zxid: bigint,
  timeMs: number,
): Node {
  const { data, acl, kind, owner, ttlMs } = made;
  const times = { ctime: timeMs, mtime: timeMs };
  const versions = { version: 0, cversion: 0, aversion: 0 };
  const stat = { czxid: zxid, mzxid: zxid, pzxid: zxid, ...times, ...versions, ephemeralOwner: owner };
  return { data, acl, children: new Set(), stat, kind, ttlMs };
}

export function placeOf(path: string): Place {
  const ancestors = [path];
  for (let at = path; at !== '/'; ancestors.push(at)) at = parentOf(at);
  return { path, name: nameOf(path), ancestors };
}

export const parentOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')));
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
