import { isPermitted, PERMISSIONS, type Permission } from '@drover/api';
import type { AuthMethod, Filter, Role } from '@drover/core';

/** The one who asks, and what it may do and see. */
export interface Caller {
  /** For people to read, and `by` of what the caller changes. */
  readonly name: string;
  readonly auth: AuthMethod | 'session';
  readonly roles: readonly Role[];
  /** Globs such as `images*`; null: every queue. */
  readonly queues: readonly string[] | null;
  /** The id of the token behind it; absent: there is none. */
  readonly token?: string;
}

/** The caller where nobody needs to sign in: everything is allowed. */
export const ANYBODY: Caller = { name: 'anybody', auth: 'none', roles: ['admin'], queues: null };

/** Somebody who has not said who it is, at a route that anybody may ask. Nothing is allowed. */
export const NOBODY: Caller = { name: 'nobody', auth: 'none', roles: [], queues: [] };

/** Actions of the whole cluster are for those who are not limited to queues. */
export const may = ({ roles, queues }: Caller, permission: Permission): boolean =>
  isPermitted(roles, permission) && (permission !== 'administer' || queues === null);

export const permissionsOf = (caller: Caller): Permission[] =>
  (Object.keys(PERMISSIONS) as Permission[]).filter((permission) => may(caller, permission));

/** Whether the caller may see this queue. */
export function sees({ queues }: Caller, queue: string): boolean {
  return queues === null || queues.some((glob) => matches(glob, queue));
}

/** The queues that the caller may see, as text: the same for all who see the same. */
export const scopeOf = ({ queues }: Caller): string => (queues === null ? '*' : JSON.stringify([...queues].sort()));

/** Names the owner of something that a caller has left here: two callers of one name with other rights are not the same. */
export const principalOf = (caller: Caller): string => `${caller.auth}\0${caller.name}\0${scopeOf(caller)}`;

const matches = (glob: string, name: string): boolean =>
  glob.endsWith('*') ? name.startsWith(glob.slice(0, -1)) : name === glob;

/** The filter, narrowed to what the caller may see: for lists, counts and bulk actions. */
export function scoped(filter: Filter, { queues }: Caller): Filter {
  if (queues === null) return filter;
  const values = queues.map((glob) =>
    glob.endsWith('*') ? { text: glob.slice(0, -1), prefix: true } : { text: glob, prefix: false },
  );
  return [...filter, { field: 'queue', negated: false, values }];
}
