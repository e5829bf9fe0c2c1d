import type { Acl, Data, WatchEventType } from '../port.js';

export function bufferOf(data: Data | undefined): Buffer {
  if (data === undefined) return Buffer.alloc(0);
  return typeof data === 'string' ? Buffer.from(data) : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

/** The numbers of `org.apache.zookeeper.Watcher.Event.EventType`. */
export const EVENT_TYPES: Readonly<Record<number, WatchEventType>> = {
  1: 'created',
  2: 'deleted',
  3: 'changed',
  4: 'children',
};

export const OPEN_ACL: readonly Acl[] = [{ permissions: 31, scheme: 'world', id: 'anyone' }];

export const isOpenAcl = (acl: readonly Acl[] | undefined): boolean =>
  acl === undefined ||
  (acl.length === 1 && acl[0]?.permissions === 31 && acl[0].scheme === 'world' && acl[0].id === 'anyone');
