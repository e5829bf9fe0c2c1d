import { ERROR_CODES, type Acl } from '@drover/zookeeper';
import { mayDo, PERMISSION, resolveAcl, type Identity } from './access.js';
import { nameOf, parentOf, placeOf, type TransactionOperation, type Znode, type Znodes } from './tree.js';

/** A write as it was asked for. `version` -1: any. */
export type Write =
  | {
      op: 'create';
      path: string;
      data: Buffer;
      acl: readonly Acl[];
      kind: Znode['kind'];
      sequential: boolean;
      ttlMs: number;
    }
  | { op: 'set'; path: string; data: Buffer; version: number }
  | { op: 'setAcl'; path: string; acl: readonly Acl[]; version: number }
  | { op: 'delete'; path: string; version: number }
  | { op: 'check'; path: string; version: number };

export interface Requester {
  sessionId: bigint;
  identities: readonly Identity[];
}

/** The server refuses a write with this code. */
export class Refusal extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`refused with ${code}`);
    this.code = code;
  }
}

const ANY = -1;

/**
 * Decides a write by the newest znodes, as ZooKeeper's leader does before it makes a transaction. Returns `null` for a
 * check that passes. Throws `Refusal`.
 */
export function prepare(tree: Znodes, write: Write, requester: Requester): TransactionOperation | null {
  requirePath(write.path);
  switch (write.op) {
    case 'create':
      return prepareCreate(tree, write, requester);
    case 'set':
      requireVersion(requireNode(tree, write.path, PERMISSION.write, requester).stat.version, write.version);
      return { op: 'set', ...placeOf(write.path), data: write.data };
    case 'setAcl': {
      const node = requireNode(tree, write.path, PERMISSION.admin, requester);
      requireVersion(node.stat.aversion, write.version);
      return { op: 'setAcl', ...placeOf(write.path), acl: requireAcl(write.acl, requester) };
    }
    case 'delete':
      return prepareDelete(tree, write.path, write.version, requester);
    case 'check':
      requireVersion(requireNode(tree, write.path, PERMISSION.read, requester).stat.version, write.version);
      return null;
  }
}

function prepareCreate(tree: Znodes, write: Write & { op: 'create' }, requester: Requester): TransactionOperation {
  const { data, kind, ttlMs, sequential } = write;
  const acl = requireAcl(write.acl, requester);
  const parent = requireNode(tree, parentOf(write.path), PERMISSION.create, requester);
  const suffix = sequential ? String(parent.stat.cversion).padStart(10, '0') : '';
  const path = write.path + suffix;
  if (!sequential && nameOf(path) === '') throw new Refusal(ERROR_CODES.BAD_ARGUMENTS);
  if (tree.get(path) !== undefined) throw new Refusal(ERROR_CODES.NODE_EXISTS);
  if (parent.kind === 'ephemeral') throw new Refusal(ERROR_CODES.NO_CHILDREN_FOR_EPHEMERALS);
  const owner = kind === 'ephemeral' ? requester.sessionId : 0n;
  return { op: 'create', ...placeOf(path), data, acl, kind, owner, ttlMs };
}

function prepareDelete(tree: Znodes, path: string, version: number, requester: Requester): TransactionOperation {
  if (path === '/') throw new Refusal(ERROR_CODES.BAD_ARGUMENTS);
  const node = tree.get(path);
  if (node === undefined) throw new Refusal(ERROR_CODES.NO_NODE);
  requireNode(tree, parentOf(path), PERMISSION.delete, requester);
  requireVersion(node.stat.version, version);
  if (node.children.length > 0) throw new Refusal(ERROR_CODES.NOT_EMPTY);
  return { op: 'delete', ...placeOf(path) };
}

export function requireNode(tree: Znodes, path: string, permission: number, { identities }: Requester): Znode {
  const node = tree.get(path);
  if (node === undefined) throw new Refusal(ERROR_CODES.NO_NODE);
  if (!mayDo(node.acl, permission, identities)) throw new Refusal(ERROR_CODES.NO_AUTH);
  return node;
}

function requireAcl(acl: readonly Acl[], { identities }: Requester): Acl[] {
  const resolved = resolveAcl(acl, identities);
  if (resolved === null) throw new Refusal(ERROR_CODES.INVALID_ACL);
  return resolved;
}

function requireVersion(actual: number, expected: number): void {
  if (expected !== ANY && expected !== actual) throw new Refusal(ERROR_CODES.BAD_VERSION);
}

export function requirePath(path: string): void {
  const valid = path === '/' || (/^(\/[^/\0]+)+\/?$/.test(path) && !/\/\.\.?(\/|$)/.test(path));
  if (!valid) throw new Refusal(ERROR_CODES.BAD_ARGUMENTS);
}
