import { ERROR_CODES } from '../errors.js';
import type { Acl, Created, CreateMode, Data, Stat, WatchMode, Znode } from '../port.js';
import type { Chroot } from './paths.js';
import type { OneShotKind, RequestType } from './request.js';
import { ADD_WATCH_MODE, ANY_VERSION, CREATE_FLAGS, OPCODE, REMOVE_ANY_WATCH } from './wire/opcodes.js';
import type { PacketReader } from './wire/reader.js';
import { OPEN_ACL, readAcl, readStat, writeAcl } from './wire/stat.js';
import type { PacketWriter } from './wire/writer.js';

/** Every operation of the protocol that a caller can ask for, except the two multis. Paths here have the chroot. */

export interface CreateArgs {
  path: string;
  data: Data;
  mode: CreateMode;
  acl: readonly Acl[] | undefined;
  ttlMs: number;
  chroot: Chroot;
}
interface Versioned {
  path: string;
  version: number | undefined;
}
interface Read {
  path: string;
  watch: boolean;
}

/** Writes a version, both in a packet and in an operation of a multi. */
export function writeVersion(writer: PacketWriter, version: number | undefined): void {
  if (version === undefined) {
    writer.int(ANY_VERSION);
    return;
  }
  // -1 would be taken for "any version" by the server, and silently void a fence.
  if (!Number.isInteger(version) || version === ANY_VERSION || (version | 0) !== version) {
    throw new RangeError(`expected a version of a znode, got ${version}; omit it to accept any version`);
  }
  writer.int(version);
}

export function writeCreate(writer: PacketWriter, args: CreateArgs): void {
  writer.string(args.path);
  writer.data(args.data);
  writeAcl(writer, args.acl ?? OPEN_ACL);
  writer.int(CREATE_FLAGS[args.mode]);
  if (isTtl(args.mode)) writer.long(BigInt(args.ttlMs));
}

export function isTtl(mode: CreateMode): boolean {
  return mode === 'persistent-ttl' || mode === 'persistent-sequential-ttl';
}

function createType(opcode: number): RequestType<CreateArgs, Created> {
  return {
    name: 'create',
    opcode,
    encode: writeCreate,
    decode(reader, { chroot }) {
      const path = reader.string();
      return { path: chroot.toClient(path) ?? path, zxid: reader.replyZxid() };
    },
  };
}

const CREATE = createType(OPCODE.create);
const CREATE_CONTAINER = createType(OPCODE.createContainer);
const CREATE_TTL = createType(OPCODE.createTtl);

/** Containers and TTLs have request types of their own; the fields and the answer are alike. */
export function createTypeFor(mode: CreateMode): RequestType<CreateArgs, Created> {
  if (mode === 'container') return CREATE_CONTAINER;
  return isTtl(mode) ? CREATE_TTL : CREATE;
}

function writeRead(writer: PacketWriter, { path, watch }: Read): void {
  writer.string(path);
  writer.bool(watch);
}

function writePath(writer: PacketWriter, { path }: { path: string }): void {
  writer.string(path);
}

function nothing(): void {
  // The answer has only a header.
}

function readType<Result>(
  name: string,
  opcode: number,
  watch: OneShotKind,
  decode: (reader: PacketReader) => Result,
): RequestType<Read, Result> {
  return { name, opcode, watch, encode: writeRead, decode };
}

export function readZnode(reader: PacketReader): Znode {
  const data = reader.data();
  return { data, stat: readStat(reader) };
}

export const GET = readType<Znode>('get', OPCODE.getData, 'data', readZnode);

export const CHILDREN = readType<string[]>('children', OPCODE.getChildren, 'children', (reader) => reader.strings());

export const EXISTS: RequestType<Read, Stat | null> = {
  ...readType<Stat | null>('exists', OPCODE.exists, 'exists', readStat),
  expected: (code) => (code === ERROR_CODES.NO_NODE ? null : undefined),
};

export const DELETE: RequestType<Versioned, void> = {
  name: 'delete',
  opcode: OPCODE.delete,
  encode(writer, { path, version }) {
    writer.string(path);
    writeVersion(writer, version);
  },
  decode: nothing,
};

export const SET: RequestType<Versioned & { data: Data }, Stat> = {
  name: 'set',
  opcode: OPCODE.setData,
  encode(writer, { path, data, version }) {
    writer.string(path);
    writer.data(data);
    writeVersion(writer, version);
  },
  decode: readStat,
};

export const SYNC: RequestType<{ path: string }, void> = {
  name: 'sync',
  opcode: OPCODE.sync,
  encode: writePath,
  decode: nothing,
};

export const GET_ACL: RequestType<{ path: string }, { acl: Acl[]; stat: Stat }> = {
  name: 'acl',
  opcode: OPCODE.getAcl,
  encode: writePath,
  decode(reader) {
    const acl = readAcl(reader);
    return { acl, stat: readStat(reader) };
  },
};

export const SET_ACL: RequestType<Versioned & { acl: readonly Acl[] }, Stat> = {
  name: 'setAcl',
  opcode: OPCODE.setAcl,
  encode(writer, { path, acl, version }) {
    writer.string(path);
    writeAcl(writer, acl);
    writeVersion(writer, version);
  },
  decode: readStat,
};

export const EPHEMERALS: RequestType<{ prefix: string; chroot: Chroot }, string[]> = {
  name: 'ephemerals',
  opcode: OPCODE.getEphemerals,
  encode: (writer, { prefix }) => writer.string(prefix),
  decode(reader, { chroot }) {
    return reader
      .strings()
      .map((path) => chroot.toClient(path))
      .filter((path) => path !== null);
  },
};

export const COUNT_DESCENDANTS: RequestType<{ path: string }, number> = {
  name: 'countDescendants',
  opcode: OPCODE.countDescendants,
  encode: writePath,
  decode: (reader) => reader.int(),
};

export const WHO_AM_I: RequestType<null, { scheme: string; id: string }[]> = {
  name: 'whoAmI',
  opcode: OPCODE.whoAmI,
  encode: nothing,
  decode(reader) {
    const identities: { scheme: string; id: string }[] = [];
    for (let left = reader.count(8); left > 0; left--) {
      identities.push({ scheme: reader.string(), id: reader.string() });
    }
    return identities;
  },
};

export const ADD_WATCH: RequestType<{ path: string; mode: WatchMode }, void> = {
  name: 'watch',
  opcode: OPCODE.addWatch,
  encode(writer, { path, mode }) {
    writer.string(path);
    writer.int(ADD_WATCH_MODE[mode]);
  },
  decode: nothing,
};

export const REMOVE_WATCHES: RequestType<{ path: string }, void> = {
  name: 'removeWatches',
  opcode: OPCODE.removeWatches,
  encode(writer, { path }) {
    writer.string(path);
    writer.int(REMOVE_ANY_WATCH);
  },
  decode: nothing,
};

export const CLOSE_SESSION: RequestType<null, void> = {
  name: 'close',
  opcode: OPCODE.closeSession,
  encode: nothing,
  decode: nothing,
};
