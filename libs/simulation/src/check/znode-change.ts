import type { Committed } from '../server/authority.js';
import type { Write } from '../server/prepare.js';

/** The root of Drover in the simulated ZooKeeper. */
export const ROOT = '/drover';

/** One write of a transaction, its path relative to the root. */
export type ZnodeWrite =
  | { op: 'create' | 'set'; path: string; data: Buffer }
  | { op: 'delete'; path: string }
  | { op: 'check'; path: string; version: number };

/** A transaction as the rules look at it. */
export interface ZnodeChange {
  readonly zxid: bigint;
  readonly sessionId: bigint;
  readonly writes: readonly ZnodeWrite[];
  /** The session's end: its ephemerals are gone. */
  readonly isSessionEnd: boolean;
}

/** `null`: it changed nothing. */
export function toChange({ transaction, sessionId, writes }: Committed): ZnodeChange | null {
  const { zxid, operations } = transaction;
  if (operations.length === 0) return null;
  if (writes !== null) return { zxid, sessionId, writes: writes.flatMap(toWrite), isSessionEnd: false };
  const deleted = operations.map(({ path }) => ({ op: 'delete', path: relative(path) }) as const);
  return { zxid, sessionId, writes: deleted, isSessionEnd: true };
}

function toWrite(write: Write): ZnodeWrite[] {
  const path = relative(write.path);
  switch (write.op) {
    case 'create':
    case 'set':
      return [{ op: write.op, path, data: write.data }];
    case 'delete':
      return [{ op: 'delete', path }];
    case 'check':
      return [{ op: 'check', path, version: write.version }];
    case 'setAcl':
      return [];
  }
}

export function relative(path: string): string {
  if (path === ROOT) return '/';
  return path.startsWith(`${ROOT}/`) ? path.slice(ROOT.length) : path;
}

/** The change as traces show it. */
export function describeChange({ writes, isSessionEnd }: ZnodeChange): string {
  const text = writes.map((write) => `${write.op} ${write.path}${headOf(write)}`).join(' | ');
  return isSessionEnd ? `session ended: ${text}` : text;
}

const HEAD_CHARS = 160;
/** Plans, and notes of runs, are short, and tell why a run goes on as it does. */
const FLOW_CHARS = 1_500;
const ofFlows = (path: string): boolean => path.startsWith('/plans/') || /^\/flows\/[^/]+\/[^/]+\/./.test(path);

function headOf(write: ZnodeWrite): string {
  if (write.op === 'check') return ` v${write.version}`;
  if (write.op === 'delete' || write.data.length === 0) return '';
  if (ofFlows(write.path)) return ` ${write.data.toString().replaceAll('\n', ' ').slice(0, FLOW_CHARS)}`;
  return ` ${write.data.toString().split('\n')[0]?.slice(0, HEAD_CHARS) ?? ''}`;
}
