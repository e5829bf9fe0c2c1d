import { ERROR_CODES } from '@drover/zookeeper';
import { OPCODE, type PacketWriter } from '@drover/zookeeper/wire';
import { PERMISSION, type Identity } from './access.js';
import type { Read } from './decode.js';
import { multiHeader, writeAclOf, writeChildren, writeStatOf, writeZnode } from './encode.js';
import type { EnsembleFaulty } from './ensemble.js';
import { Refusal, requireNode, requirePath } from './prepare.js';
import type { Tree } from './tree.js';
import type { WatchTable } from './watch-table.js';

export interface ReadContext {
  tree: Tree;
  watches: WatchTable;
  sessionId: bigint;
  identities: readonly Identity[];
  /** See `EnsembleFaulty`. */
  shows: EnsembleFaulty['shows'];
}

export interface ReadAnswer {
  code: number;
  write: (writer: PacketWriter) => void;
}

const nothing = (): void => undefined;

/** Answers a read from the server's own copy of the znodes, and sets its watch in the same step. */
export function answerRead(read: Read, context: ReadContext): ReadAnswer {
  try {
    return { code: 0, write: readOne(read, context) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { code: error.code, write: nothing };
  }
}

function readOne(read: Read, context: ReadContext): (writer: PacketWriter) => void {
  const { tree, watches, identities, sessionId } = context;
  switch (read.op) {
    case 'exists':
    case 'get':
    case 'children':
      return readZnode(read, context);
    case 'acl':
      requireNode(tree, read.path, PERMISSION.read | PERMISSION.admin, context);
      return (writer) => {
        writeAclOf(writer, tree, read.path);
      };
    case 'ephemerals': {
      const owned = [...tree.paths()].filter(
        (path) => path.startsWith(read.path) && tree.get(path)?.stat.ephemeralOwner === sessionId,
      );
      return (writer) => {
        writer.strings(owned);
      };
    }
    case 'count': {
      requireNode(tree, read.path, PERMISSION.read, context);
      const below = read.path === '/' ? '/' : `${read.path}/`;
      const count = [...tree.paths()].filter((path) => path.startsWith(below) && path !== '/').length;
      return (writer) => {
        writer.int(count);
      };
    }
    case 'whoAmI':
      return (writer) => {
        writer.int(identities.length);
        for (const { scheme, id } of identities) {
          writer.string(scheme);
          writer.string(scheme === 'digest' ? (id.split(':')[0] ?? '') : id);
        }
      };
    case 'multiRead': {
      const parts = read.reads.map((one) => [one, answerRead({ ...one, watch: false }, context)] as const);
      return (writer) => {
        for (const [{ op }, { code, write }] of parts) {
          multiHeader(
            writer,
            code !== 0 ? OPCODE.error : op === 'get' ? OPCODE.getData : OPCODE.getChildren,
            false,
            code,
          );
          if (code === 0) write(writer);
          else writer.int(code);
        }
        multiHeader(writer, -1, true);
      };
    }
    case 'addWatch':
      requirePath(read.path);
      watches.add(read.mode, read.path);
      return nothing;
    case 'removeWatches':
      requirePath(read.path);
      if (!watches.remove(read.path)) throw new Refusal(ERROR_CODES.NO_WATCHER);
      return nothing;
  }
}

function readZnode(
  { op, path, watch }: Read & { op: 'exists' | 'get' | 'children' },
  context: ReadContext,
): (writer: PacketWriter) => void {
  const { tree, watches, sessionId, shows } = context;
  requirePath(path);
  if (op === 'exists') {
    if (watch) watches.add(tree.get(path) === undefined ? 'exists' : 'data', path);
    if (tree.get(path) === undefined) throw new Refusal(ERROR_CODES.NO_NODE);
  } else {
    requireNode(tree, path, PERMISSION.read, context);
    if (watch) watches.add(op === 'get' ? 'data' : 'children', path);
  }
  return (writer) => {
    if (op === 'exists') writeStatOf(writer, tree, path);
    else if (op === 'get') writeZnode(writer, tree, path, (data) => shows?.(path, data, sessionId) ?? data);
    else writeChildren(writer, tree, path);
  };
}
