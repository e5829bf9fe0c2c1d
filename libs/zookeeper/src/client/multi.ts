import { ERROR_CODES } from '../errors.js';
import type { MultiResult, Operation, ReadOperation, ReadResult } from '../port.js';
import { createTypeFor, readZnode, writeCreate, writeVersion } from './operations.js';
import type { Chroot } from './paths.js';
import type { RequestType } from './request.js';
import { serverError } from './server-errors.js';
import { OPCODE } from './wire/opcodes.js';
import { MalformedPacketError, type PacketReader } from './wire/reader.js';
import { readStat } from './wire/stat.js';
import type { PacketWriter } from './wire/writer.js';

/** The header before every operation and every result: {int type, bool done, int err}; {-1, true, -1} ends the list. */
function writeHeader(writer: PacketWriter, type: number, done = false): void {
  writer.int(type);
  writer.bool(done);
  writer.int(-1);
}

interface ResultHeader {
  type: number;
  done: boolean;
}

function readHeader(reader: PacketReader): ResultHeader {
  const type = reader.int();
  const done = reader.bool();
  reader.int();
  return { type, done };
}

interface MultiArgs {
  operations: readonly Operation[];
  chroot: Chroot;
}

function writeOperation(writer: PacketWriter, operation: Operation, chroot: Chroot): void {
  const path = chroot.toServer(operation.path);
  switch (operation.op) {
    case 'create': {
      const { data = '', mode = 'persistent', acl, ttlMs = 0 } = operation;
      writeHeader(writer, createTypeFor(mode).opcode);
      writeCreate(writer, { path, data, mode, acl, ttlMs, chroot });
      return;
    }
    case 'set':
      writeHeader(writer, OPCODE.setData);
      writer.string(path);
      writer.data(operation.data);
      writeVersion(writer, operation.version);
      return;
    case 'delete':
      writeHeader(writer, OPCODE.delete);
      writer.string(path);
      writeVersion(writer, operation.version);
      return;
    case 'check':
      writeHeader(writer, OPCODE.check);
      writer.string(path);
      writeVersion(writer, checkedVersion(operation.version));
  }
}

/** A version that was forgotten would void a fence: the types do not allow it, and neither does this. */
function checkedVersion(version: number | 'any' | undefined): number | undefined {
  if (version === undefined) throw new TypeError("check needs a version, or 'any'");
  return version === 'any' ? undefined : version;
}

function readResult(reader: PacketReader, type: number, chroot: Chroot): MultiResult['results'][number] {
  switch (type) {
    case OPCODE.create:
      return { op: 'create', path: clientPath(reader.string(), chroot) };
    case OPCODE.create2:
    case OPCODE.createContainer:
    case OPCODE.createTtl: {
      const path = clientPath(reader.string(), chroot);
      readStat(reader);
      return { op: 'create', path };
    }
    case OPCODE.setData:
      return { op: 'set', stat: readStat(reader) };
    case OPCODE.delete:
      return { op: 'delete' };
    case OPCODE.check:
      return { op: 'check' };
    default:
      throw new MalformedPacketError(`a multi result of type ${type}`);
  }
}

/** Checks that there is one answer to each operation, of its kind: callers rely on it. */
function checkAnswers(operations: readonly { op: string }[], results: readonly { op: string }[]): void {
  const fits = results.every(({ op }, index) => op === operations[index]?.op || op === 'error');
  if (fits && results.length === operations.length) return;
  const [asked, answered] = [operations, results].map((list) => list.map(({ op }) => op).join(', '));
  throw new MalformedPacketError(`a multi of [${asked}] was answered with [${answered}]`);
}

function clientPath(path: string, chroot: Chroot): string {
  return chroot.toClient(path) ?? path;
}

export const MULTI: RequestType<MultiArgs, MultiResult> = {
  name: 'multi',
  opcode: OPCODE.multi,
  encode(writer, { operations, chroot }) {
    for (const operation of operations) writeOperation(writer, operation, chroot);
    writeHeader(writer, -1, true);
  },
  decode(reader, { operations, chroot }) {
    const results: MultiResult['results'] = [];
    for (let index = 0, header = readHeader(reader); !header.done; index++, header = readHeader(reader)) {
      if (header.type === OPCODE.error) {
        const code = reader.int();
        // Those before the one that failed report 0, those behind it RUNTIME_INCONSISTENCY.
        if (code !== 0) throw serverError(code, 'multi', operations[index]?.path, index);
      } else results.push(readResult(reader, header.type, chroot));
    }
    checkAnswers(operations, results);
    return { zxid: reader.replyZxid(), results };
  },
};

interface MultiReadArgs {
  operations: readonly ReadOperation[];
  chroot: Chroot;
}

export const MULTI_READ: RequestType<MultiReadArgs, ReadResult[]> = {
  name: 'multiRead',
  opcode: OPCODE.multiRead,
  encode(writer, { operations, chroot }) {
    for (const { op, path } of operations) {
      writeHeader(writer, op === 'get' ? OPCODE.getData : OPCODE.getChildren);
      writer.string(chroot.toServer(path));
      writer.bool(false);
    }
    writeHeader(writer, -1, true);
  },
  decode(reader, { operations }) {
    const results: ReadResult[] = [];
    for (let header = readHeader(reader); !header.done; header = readHeader(reader)) {
      results.push(readReadResult(reader, header.type, operations[results.length]));
    }
    checkAnswers(operations, results);
    return results;
  },
};

function readReadResult(reader: PacketReader, type: number, operation: ReadOperation | undefined): ReadResult {
  switch (type) {
    case OPCODE.getData:
      return { op: 'get', znode: readZnode(reader) };
    case OPCODE.getChildren:
      return { op: 'children', children: reader.strings() };
    case OPCODE.error: {
      const code = reader.int();
      const error = serverError(
        code === 0 ? ERROR_CODES.RUNTIME_INCONSISTENCY : code,
        operation?.op ?? 'multiRead',
        operation?.path,
      );
      return { op: 'error', error };
    }
    default:
      throw new MalformedPacketError(`a multiRead result of type ${type}`);
  }
}
