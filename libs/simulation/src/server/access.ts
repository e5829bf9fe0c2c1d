import { createHash } from 'node:crypto';
import type { Acl } from '@drover/zookeeper';

/** An identity that a client has proved on its connection. */
export interface Identity {
  scheme: string;
  id: string;
}
export const PERMISSION = { read: 1, write: 2, create: 4, delete: 8, admin: 16 } as const;

export function mayDo(acl: readonly Acl[], permission: number, identities: readonly Identity[]): boolean {
  return acl.some(
    (entry) =>
      (entry.permissions & permission) !== 0 &&
      ((entry.scheme === 'world' && entry.id === 'anyone') ||
        identities.some(({ scheme, id }) => scheme === entry.scheme && id === entry.id)),
  );
}

/** As `addauth digest user:password` on a real server. */
export function digestIdentity(credentials: string): Identity {
  const hash = createHash('sha1').update(credentials).digest('base64');
  return { scheme: 'digest', id: `${credentials.split(':')[0] ?? ''}:${hash}` };
}

/** Replaces `auth` by the creator's identities. `null`: the list is not valid (the server answers INVALID_ACL). */
export function resolveAcl(acl: readonly Acl[], identities: readonly Identity[]): Acl[] | null {
  const resolved = acl.flatMap((entry) =>
    entry.scheme === 'auth'
      ? identities
          .filter(({ scheme }) => scheme !== 'ip')
          .map((identity) => ({ ...identity, permissions: entry.permissions }))
      : [entry],
  );
  const known = resolved.every(({ scheme }) => ['world', 'digest', 'ip'].includes(scheme));
  return resolved.length === 0 || !known ? null : resolved;
}
