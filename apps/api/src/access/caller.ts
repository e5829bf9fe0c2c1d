import { isPermitted, type Permission, type Role, type schemas } from '@drover/api';
import type { Filter } from '@drover/core';
import type * as z from 'zod';

/** Who asks, and what the caller may see: `queues` are globs such as `images*`; null: every queue. */
export type Caller = Readonly<z.output<typeof schemas.caller>> & {
  /** The id of the token behind it; absent: there is none. */
  readonly token?: string;
};

/** The caller where nobody needs to sign in: everything is allowed. */
export const ANYBODY: Caller = { name: 'anybody', auth: 'none', roles: ['admin'] satisfies Role[], queues: null };

/** Somebody who has not said who it is, at a route that anybody may ask. Nothing is allowed. */
export const NOBODY: Caller = { name: 'nobody', auth: 'none', roles: [], queues: [] };

export const may = ({ roles }: Caller, permission: Permission): boolean => isPermitted(roles, permission);

/** Whether the caller may see this queue. */
export function sees({ queues }: Caller, queue: string): boolean {
  return queues === null || queues.some((glob) => matches(glob, queue));
}

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
