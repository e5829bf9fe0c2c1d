import type { RoleMap } from '@drover/config';
import type { Role } from '@drover/core';

/** Roles, and the queues that they are for; null: all. */
export interface Grant {
  readonly roles: readonly Role[];
  readonly queues: readonly string[] | null;
}

/**
 * The sum of what values of a claim, or names of a certificate, give by an exact map. Roles add up. Queues of equal
 * roles add up too; those of different roles narrow each other, for a caller has one set of queues: whoever operates `a*`
 * and views everything operates and views `a*`. Null: nothing is given.
 */
export function grantOf(names: readonly string[], map: RoleMap): Grant | null {
  const byRoles = new Map<string, Grant>();
  for (const name of new Set(names)) {
    if (!Object.hasOwn(map, name)) continue;
    const grant = map[name];
    if (grant === undefined) continue;
    const key = [...grant.roles].sort().join();
    const known = byRoles.get(key);
    byRoles.set(key, {
      roles: grant.roles,
      queues: known === undefined ? grant.queues : union(known.queues, grant.queues),
    });
  }
  const grants = [...byRoles.values()];
  if (grants.length === 0) return null;
  return {
    roles: [...new Set(grants.flatMap(({ roles }) => roles))],
    queues: grants.map(({ queues }) => queues).reduce(intersection),
  };
}

type Queues = readonly string[] | null;

const union = (a: Queues, b: Queues): Queues => (a === null || b === null ? null : [...new Set([...a, ...b])]);

function intersection(a: Queues, b: Queues): Queues {
  if (a === null) return b;
  if (b === null) return a;
  const within = (inner: Queues, outer: readonly string[]): string[] =>
    (inner ?? []).filter((glob) => outer.some((other) => covers(other, glob)));
  return [...new Set([...within(a, b), ...within(b, a)])];
}

/** Whether every name that `inner` stands for, `outer` stands for too. */
function covers(outer: string, inner: string): boolean {
  return outer.endsWith('*') ? inner.startsWith(outer.slice(0, -1)) : outer === inner;
}
