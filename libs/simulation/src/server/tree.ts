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

export interface Change {
  type: 'created' | 'deleted' | 'changed';
  path: string;
}

export type TransactionOperation =
  | { op: 'create'; path: string; data: Buffer; acl: readonly Acl[]; kind: Node['kind']; owner: bigint; ttlMs: number }
  | { op: 'set'; path: string; data: Buffer }
  | { op: 'setAcl'; path: string; acl: readonly Acl[] }
  | { op: 'delete'; path: string };

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

  apply(transaction: Transaction): Change[] {
    this.zxid = transaction.zxid;
    return transaction.operations.map(
      (operation) => this.applyOne(operation, transaction.zxid, transaction.timeMs).change,
    );
  }

  /** Also answers what takes it back, for a multi of which a later operation fails. */
  applyOne(operation: TransactionOperation, zxid: bigint, timeMs: number): { change: Change; undo: () => void } {
    const { path } = operation;
    switch (operation.op) {
      case 'create': {
        const undoParent = this.#touchParent(path, zxid, true);
        this.#nodes.set(path, newNode(operation, zxid, timeMs));
        return {
          change: { type: 'created', path },
          undo: () => {
            this.#nodes.delete(path);
            undoParent();
          },
        };
      }
      case 'delete': {
        const node = this.#require(path);
        const undoParent = this.#touchParent(path, zxid, false);
        this.#nodes.delete(path);
        return {
          change: { type: 'deleted', path },
          undo: () => {
            this.#nodes.set(path, node);
            undoParent();
          },
        };
      }
      case 'set':
      case 'setAcl':
        return { change: { type: 'changed', path }, undo: this.#update(operation, zxid, timeMs) };
    }
  }

  #update(operation: TransactionOperation & { op: 'set' | 'setAcl' }, zxid: bigint, timeMs: number): () => void {
    const node = this.#require(operation.path);
    const { data, acl, stat } = node;
    if (operation.op === 'set') {
      node.data = operation.data;
      node.stat = { ...stat, version: stat.version + 1, mzxid: zxid, mtime: timeMs };
    } else {
      node.acl = operation.acl;
      node.stat = { ...stat, aversion: stat.aversion + 1 };
    }
    return () => {
      Object.assign(node, { data, acl, stat });
    };
  }

  /** The parent gains or loses the child. */
  #touchParent(path: string, zxid: bigint, gains: boolean): () => void {
    const parent = this.#require(parentOf(path));
    const { stat, children } = parent;
    const name = nameOf(path);
    const set = (present: boolean): unknown => (present ? children.add(name) : children.delete(name));
    set(gains);
    parent.stat = { ...stat, cversion: stat.cversion + 1, pzxid: zxid };
    return () => {
      parent.stat = stat;
      set(!gains);
    };
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

export const parentOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')));
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
