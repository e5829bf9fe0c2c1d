import { ERROR_CODES, type Stat } from '@drover/zookeeper';
import { OPCODE, writeAcl, XID, type PacketWriter } from '@drover/zookeeper/wire';
import type { Decision } from './authority.js';
import type { Write } from './prepare.js';
import type { Tree } from './tree.js';
import type { Event } from './watch-table.js';

const EVENT_TYPES = { created: 1, deleted: 2, changed: 3, children: 4 } as const;
const SYNC_CONNECTED = 3;

export function writeHeader(writer: PacketWriter, xid: number, zxid: bigint, code: number): void {
  writer.int(xid);
  writer.long(zxid);
  writer.int(code);
}

export function writeStat(writer: PacketWriter, stat: Stat): void {
  writer.long(stat.czxid);
  writer.long(stat.mzxid);
  writer.long(BigInt(Math.floor(stat.ctime)));
  writer.long(BigInt(Math.floor(stat.mtime)));
  writer.int(stat.version);
  writer.int(stat.cversion);
  writer.int(stat.aversion);
  writer.long(stat.ephemeralOwner);
  writer.int(stat.dataLength);
  writer.int(stat.numChildren);
  writer.long(stat.pzxid);
}

export function writeEvent(writer: PacketWriter, { type, path }: Event): void {
  writer.begin();
  writeHeader(writer, XID.event, -1n, 0);
  writer.int(EVENT_TYPES[type]);
  writer.int(SYNC_CONNECTED);
  writer.string(path);
  writer.end();
}

/** The body of a write that was applied. `tree`: the server's, just after it. */
export function writeApplied(
  writer: PacketWriter,
  opcode: number,
  decision: Decision & { ok: true },
  tree: Tree,
): void {
  const [operation] = decision.operations;
  if (opcode === OPCODE.multi) {
    for (const one of decision.operations) writeMultiResult(writer, one, tree);
    multiHeader(writer, -1, true);
    return;
  }
  if (operation?.op === 'create') writer.string(operation.path);
  if (operation?.op === 'create' && opcode === OPCODE.create2) writeStatOf(writer, tree, operation.path);
  if (operation?.op === 'set' || operation?.op === 'setAcl') writeStatOf(writer, tree, operation.path);
}

function writeMultiResult(
  writer: PacketWriter,
  operation: (Decision & { ok: true })['operations'][number],
  tree: Tree,
): void {
  switch (operation?.op) {
    case undefined:
      multiHeader(writer, OPCODE.check, false, 0);
      return;
    case 'create':
      multiHeader(writer, OPCODE.create, false, 0);
      writer.string(operation.path);
      return;
    case 'set':
    case 'setAcl':
      multiHeader(writer, OPCODE.setData, false, 0);
      writeStatOf(writer, tree, operation.path);
      return;
    case 'delete':
      multiHeader(writer, OPCODE.delete, false, 0);
  }
}

/** Earlier operations report 0, the one that was refused its code, later ones that they were not tried. */
export function writeRefusedMulti(writer: PacketWriter, writes: readonly Write[], code: number, index: number): void {
  for (let i = 0; i < writes.length; i++) {
    const own = i < index ? 0 : i === index ? code : ERROR_CODES.RUNTIME_INCONSISTENCY;
    multiHeader(writer, OPCODE.error, false, own);
    writer.int(own);
  }
  multiHeader(writer, -1, true);
}

export function multiHeader(writer: PacketWriter, type: number, done: boolean, code = -1): void {
  writer.int(type);
  writer.bool(done);
  writer.int(code);
}

/** A znode of this transaction may be gone by a later operation of it: then there is no stat to be had. */
export function writeStatOf(writer: PacketWriter, tree: Tree, path: string): void {
  writeStat(writer, tree.get(path)?.stat ?? GONE);
}

const GONE: Stat = {
  czxid: 0n,
  mzxid: 0n,
  pzxid: 0n,
  ctime: 0,
  mtime: 0,
  version: 0,
  cversion: 0,
  aversion: 0,
  ephemeralOwner: 0n,
  dataLength: 0,
  numChildren: 0,
};

/** `shown`: as the reader sees its data. */
export function writeZnode(writer: PacketWriter, tree: Tree, path: string, shown: (data: Buffer) => Buffer): void {
  writer.data(shown(tree.get(path)?.data ?? Buffer.alloc(0)));
  writeStatOf(writer, tree, path);
}

export function writeAclOf(writer: PacketWriter, tree: Tree, path: string): void {
  writeAcl(writer, tree.get(path)?.acl ?? []);
  writeStatOf(writer, tree, path);
}

export function writeChildren(writer: PacketWriter, tree: Tree, path: string): void {
  writer.strings(tree.get(path)?.children ?? []);
}
