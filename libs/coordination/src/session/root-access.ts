import { RecordError } from '@drover/core';
import { decodeRecord, type RootRecord } from '@drover/protocol';
import { ZooKeeperError, type Acl, type Znode, type ZooKeeperOptions } from '@drover/zookeeper';

/**
 * The access mode of a root. The process that creates the root decides it once, in the create itself, and records it in
 * the root's own znode: so nobody ever sees an undecided root. `open`: everybody may do anything. `shared`: every znode
 * belongs to the credentials of the session that creates it, and all processes share them.
 */
export type RootMode = RootRecord['acl'];

/** ZooKeeper replaces `auth` by the credentials of the client that creates the znode. */
const CREATOR_ALL: readonly Acl[] = [{ permissions: 31, scheme: 'auth', id: '' }];

/** The ACL of every znode that is created in such a root; `undefined`: the world may do anything. */
export function aclOf(mode: RootMode): readonly Acl[] | undefined {
  return mode === 'shared' ? CREATOR_ALL : undefined;
}

export function isOpenToWorld(acl: readonly Acl[]): boolean {
  return acl.some(({ scheme, permissions }) => scheme === 'world' && (permissions & ~1) !== 0);
}

export function hasCredentials({ auth = [] }: ZooKeeperOptions): boolean {
  return auth.length > 0;
}

/** `null`: nothing is recorded. Throws `RecordError` where the record cannot be read. */
export function recordedMode(root: Znode): RootMode | null {
  if (root.data.length === 0) return null;
  return decodeRecord('root', '/', root.data).acl;
}

/**
 * As `recordedMode`, but a root whose data is no record counts as open, as all roots were before there were records.
 * Throws `RecordError` if the root needs something that this program does not know: then it must not use the root.
 */
export function modeOf(root: Znode, invalid: (error: RecordError) => void): RootMode | null {
  try {
    return recordedMode(root);
  } catch (error) {
    if (!(error instanceof RecordError) || error.isNewer) throw error;
    invalid(error);
    return 'open';
  }
}

/** The error of a process without the root's credentials. */
export function notOurs(cause?: Error): ZooKeeperError {
  return new ZooKeeperError({
    code: 'NO_AUTH',
    op: 'get',
    path: '/',
    outcome: 'not-applied',
    message: 'this root is protected by credentials; pass the same ones (--zk-auth-file)',
    cause,
  });
}

/** Something that others can use, or see. */
export interface Opening {
  code: 'root-open' | 'root-open-despite-credentials' | 'credentials-in-clear';
  message: string;
}

/** The warnings of a process at its start. */
export function openingsOf(mode: RootMode, options: ZooKeeperOptions): Opening[] {
  const openings: Opening[] = [];
  const anybody = 'anybody who reaches ZooKeeper can read everything and submit tasks';
  if (mode === 'open') {
    openings.push(
      hasCredentials(options)
        ? {
            code: 'root-open-despite-credentials',
            message: `the root was made without credentials, so ${anybody}; credentials protect only a root that is made with them`,
          }
        : { code: 'root-open', message: `no credentials are given (--zk-auth-file), so ${anybody}` },
    );
  }
  if (hasCredentials(options) && options.tls === undefined) {
    const message = 'credentials are sent to ZooKeeper unencrypted; use TLS (--zk-tls)';
    openings.push({ code: 'credentials-in-clear', message });
  }
  return openings;
}
