import { ERROR_CODES } from '@drover/zookeeper';
import { OPCODE, readAcl, type PacketReader } from '@drover/zookeeper/wire';
import { Refusal, type Write } from './prepare.js';
import type { Znode } from './tree.js';

/** Requests as they come over the wire, and what is done with them. */
export type Read =
  | { op: 'exists' | 'get' | 'children'; path: string; watch: boolean }
  | { op: 'acl' | 'ephemerals' | 'count'; path: string }
  | { op: 'whoAmI' }
  | { op: 'multiRead'; reads: { op: 'get' | 'children'; path: string }[] }
  | { op: 'addWatch'; path: string; mode: 'persistent' | 'recursive' }
  | { op: 'removeWatches'; path: string };

export type Request =
  | { kind: 'write'; opcode: number; writes: Write[] }
  | { kind: 'read'; read: Read }
  | { kind: 'sync'; path: string }
  | { kind: 'close' };

export function decodeRequest(opcode: number, reader: PacketReader): Request {
  const write = decodeWrite(opcode, reader);
  if (write !== null) return { kind: 'write', opcode, writes: [write] };
  switch (opcode) {
    case OPCODE.multi:
      return { kind: 'write', opcode, writes: decodeMulti(reader) };
    case OPCODE.sync:
      return { kind: 'sync', path: reader.string() };
    case OPCODE.closeSession:
      return { kind: 'close' };
    default:
      return { kind: 'read', read: decodeRead(opcode, reader) };
  }
}

function decodeRead(opcode: number, reader: PacketReader): Read {
  switch (opcode) {
    case OPCODE.exists:
      return { op: 'exists', path: reader.string(), watch: reader.bool() };
    case OPCODE.getData:
      return { op: 'get', path: reader.string(), watch: reader.bool() };
    case OPCODE.getChildren:
      return { op: 'children', path: reader.string(), watch: reader.bool() };
    case OPCODE.getAcl:
      return { op: 'acl', path: reader.string() };
    case OPCODE.getEphemerals:
      return { op: 'ephemerals', path: reader.string() };
    case OPCODE.countDescendants:
      return { op: 'count', path: reader.string() };
    case OPCODE.whoAmI:
      return { op: 'whoAmI' };
    case OPCODE.multiRead:
      return { op: 'multiRead', reads: decodeMultiRead(reader) };
    case OPCODE.addWatch:
      return { op: 'addWatch', path: reader.string(), mode: reader.int() === 0 ? 'persistent' : 'recursive' };
    case OPCODE.removeWatches:
      return { op: 'removeWatches', path: reader.string() };
    default:
      throw new Refusal(ERROR_CODES.UNIMPLEMENTED);
  }
}

/** Null: no write of a single znode. */
function decodeWrite(opcode: number, reader: PacketReader): Write | null {
  switch (opcode) {
    case OPCODE.create:
    case OPCODE.create2:
    case OPCODE.createContainer:
    case OPCODE.createTtl:
      return decodeCreate(opcode, reader);
    case OPCODE.setData:
      return { op: 'set', path: reader.string(), data: Buffer.from(reader.data()), version: reader.int() };
    case OPCODE.setAcl:
      return { op: 'setAcl', path: reader.string(), acl: readAcl(reader), version: reader.int() };
    case OPCODE.delete:
      return { op: 'delete', path: reader.string(), version: reader.int() };
    case OPCODE.check:
      return { op: 'check', path: reader.string(), version: reader.int() };
    default:
      return null;
  }
}

const KINDS: readonly Znode['kind'][] = [
  'persistent',
  'ephemeral',
  'persistent',
  'ephemeral',
  'container',
  'ttl',
  'ttl',
];
const SEQUENTIAL = [2, 3, 6];

function decodeCreate(opcode: number, reader: PacketReader): Write {
  const path = reader.string();
  const data = Buffer.from(reader.data());
  const acl = readAcl(reader);
  const flags = reader.int();
  const ttlMs = opcode === OPCODE.createTtl ? Number(reader.long()) : 0;
  const kind = KINDS[flags];
  if (kind === undefined) throw new Refusal(ERROR_CODES.BAD_ARGUMENTS);
  return { op: 'create', path, data, acl, kind, sequential: SEQUENTIAL.includes(flags), ttlMs };
}

function decodeMulti(reader: PacketReader): Write[] {
  const writes: Write[] = [];
  for (;;) {
    const opcode = reader.int();
    const done = reader.bool();
    reader.int();
    if (done) return writes;
    const write = decodeWrite(opcode, reader);
    if (write === null) throw new Refusal(ERROR_CODES.BAD_ARGUMENTS);
    writes.push(write);
  }
}

function decodeMultiRead(reader: PacketReader): { op: 'get' | 'children'; path: string }[] {
  const reads: { op: 'get' | 'children'; path: string }[] = [];
  for (;;) {
    const opcode = reader.int();
    const done = reader.bool();
    reader.int();
    if (done) return reads;
    reads.push({ op: opcode === OPCODE.getData ? 'get' : 'children', path: reader.string() });
    reader.bool();
  }
}
