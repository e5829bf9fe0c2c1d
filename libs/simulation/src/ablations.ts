import { isOwnId } from './check/leader-rules.js';
import { relative, ROOT } from './check/znode-change.js';
import type { Write } from './server/prepare.js';
import type { Tree } from './server/tree.js';
import type { WatchKind } from './server/watch-table.js';

/**
 * A world in which one safeguard does not work: the rules must see what comes of it. The real code is as it is; it is the
 * simulated ZooKeeper that does not do what it was asked for.
 */
export interface Ablation {
  /** What becomes of a transaction of this session. The answer tells of every write as if it had been carried out. */
  alter?: (writes: readonly Write[], sessionId: bigint, tree: Tree) => readonly Write[];
  /** Watches that a server forgets over a reconnect. */
  forgets?: readonly WatchKind[];
}

/** A check that always passes. */
const NOTHING: Write = { op: 'check', path: '/', version: -1 };
const ANY_VERSION = -1;

export const ABLATIONS = {
  /** The fence of a leader's writes: `/epoch` may have any version. */
  'epoch check': {
    alter: (writes) =>
      writes.map((write) =>
        write.op === 'check' && write.path === `${ROOT}/epoch` ? { ...write, version: ANY_VERSION } : write,
      ),
  },
  /** Reports count whether the assignment is still there or not. */
  'assignment check': {
    alter: (writes, sessionId, tree) =>
      writes.map((write) =>
        isOwnAssignment(write, sessionId) && tree.get(write.path) === undefined ? NOTHING : write,
      ),
  },
  /** The leader takes work away without deleting the assignment. */
  'revoke before reassigning': {
    alter: (writes, sessionId) =>
      writes.map((write) => (isAssignmentDelete(write) && !isOwnAssignment(write, sessionId) ? NOTHING : write)),
  },
  /** A last report and the end of its assignment are one transaction: here the assignment stays. */
  'completion with removal': {
    alter: (writes, sessionId) =>
      writes.map((write) => (isAssignmentDelete(write) && isOwnAssignment(write, sessionId) ? NOTHING : write)),
  },
  /** Watches are set again after a reconnect. */
  'watches after a reconnect': { forgets: ['recursive', 'persistent'] },
} as const satisfies Record<string, Ablation>;

export type AblationName = keyof typeof ABLATIONS;
export const ABLATION_NAMES = Object.keys(ABLATIONS) as AblationName[];

function isAssignmentDelete({ op, path }: Write): boolean {
  const parts = relative(path).split('/');
  return op === 'delete' && parts[1] === 'assignments' && parts.length === 4;
}

function isOwnAssignment({ op, path }: Write, sessionId: bigint): boolean {
  const parts = relative(path).split('/');
  if (op !== 'delete' && op !== 'check') return false;
  return parts[1] === 'assignments' && parts.length === 4 && isOwnId(parts[2] ?? '', sessionId);
}
