import { AUTH_METHODS, QUEUE_GLOB, ROLES } from '@drover/core';
import * as z from 'zod';
import { instant } from './common.js';

export { AUTH_METHODS };

/** The caller. `queues`: globs such as `images*`; null: all of them. */
export const caller = z.object({
  name: z.string(),
  auth: z.enum([...AUTH_METHODS, 'session']),
  roles: z.array(z.enum(ROLES)),
  queues: z.array(z.string()).nullable(),
});

export const about = z.object({
  version: z.string(),
  scheduler: z.string(),
  /** Ways to sign in; with `none` nobody needs to. */
  auth: z.array(z.enum(AUTH_METHODS)),
  caller: caller.nullable(),
  permissions: z.array(z.string()),
  /** Actions that are switched off for everybody. */
  disabled: z.array(z.string()),
  basePath: z.string(),
});

export const tokenRequest = z.strictObject({
  name: z.string().min(1).max(128),
  roles: z.array(z.enum(ROLES)).min(1).max(ROLES.length),
  queues: z.array(z.string().regex(QUEUE_GLOB)).min(1).max(100).optional(),
  /** `90d`; absent: it does not expire. */
  expiresIn: z.string().optional(),
});
export const token = z.object({
  id: z.string(),
  name: z.string(),
  roles: z.array(z.enum(ROLES)),
  queues: z.array(z.string()).nullable(),
  createdBy: z.string().nullable(),
  createdAt: instant,
  expiresAt: instant.nullable(),
});
/** The secret is told once. */
export const newToken = token.extend({ secret: z.string() });

export const auditEntry = z.object({
  id: z.string(),
  at: instant,
  who: z.string(),
  auth: z.string(),
  roles: z.array(z.string()),
  from: z.string().nullable(),
  action: z.string(),
  object: z.string().nullable(),
  reason: z.string().nullable(),
  ok: z.boolean(),
  code: z.string().nullable(),
  requestId: z.string(),
  count: z.number().nullable(),
});
