import type { Role } from '@drover/core';

/** A permission, and which roles have it. Several roles of one caller add up. */
export const PERMISSIONS = {
  see: ['viewer', 'operator', 'admin'],
  'see-payloads': ['payloads', 'admin'],
  submit: ['submitter', 'operator', 'admin'],
  operate: ['operator', 'admin'],
  define: ['admin'],
  administer: ['admin'],
  'read-metrics': ['metrics', 'operator', 'admin'],
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof PERMISSIONS;

export type { Role };

/** Whether somebody with these roles has the permission. */
export function isPermitted(roles: Iterable<Role>, permission: Permission): boolean {
  const allowed: readonly Role[] = PERMISSIONS[permission];
  for (const role of roles) if (allowed.includes(role)) return true;
  return false;
}
