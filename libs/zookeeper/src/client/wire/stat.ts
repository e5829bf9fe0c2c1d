import type { Acl, Stat } from '../../port.js';
import type { PacketReader } from './reader.js';
import type { PacketWriter } from './writer.js';

export function readStat(reader: PacketReader): Stat {
  const czxid = reader.long();
  const mzxid = reader.long();
  const ctime = reader.safeLong();
  const mtime = reader.safeLong();
  const version = reader.int();
  const cversion = reader.int();
  const aversion = reader.int();
  const ephemeralOwner = reader.long();
  const dataLength = reader.int();
  const numChildren = reader.int();
  const pzxid = reader.long();
  return {
    czxid,
    mzxid,
    pzxid,
    ctime,
    mtime,
    version,
    cversion,
    aversion,
    ephemeralOwner,
    dataLength,
    numChildren,
  };
}

export function readAcl(reader: PacketReader): Acl[] {
  const acl: Acl[] = [];
  for (let left = reader.count(12); left > 0; left--) {
    acl.push({ permissions: reader.int(), scheme: reader.string(), id: reader.string() });
  }
  return acl;
}

export function writeAcl(writer: PacketWriter, acl: readonly Acl[]): void {
  writer.int(acl.length);
  for (const { permissions, scheme, id } of acl) {
    writer.int(permissions);
    writer.string(scheme);
    writer.string(id);
  }
}

/** The world may do anything. */
export const OPEN_ACL: readonly Acl[] = [{ permissions: 31, scheme: 'world', id: 'anyone' }];
