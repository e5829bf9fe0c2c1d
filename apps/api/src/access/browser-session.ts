import { AUTH_METHODS, ROLES } from '@drover/core';
import * as z from 'zod';
import { open, seal, type SealKey } from './sealed.js';

/** So long a browser stays signed in, and so long it may be silent. */
const LONGEST_MS = 12 * 3_600_000;
const IDLE_MS = 3_600_000;
/** A cookie that is older is given again, with the time of now. */
const RENEW_AFTER_MS = 5 * 60_000;

const sessionSchema = z.object({
  name: z.string(),
  /** The way by which it signed in. */
  auth: z.enum(AUTH_METHODS),
  roles: z.array(z.enum(ROLES)),
  queues: z.array(z.string()).nullable(),
  /** The token that it signed in with; while that is good its roles count, not those here. */
  token: z.string().optional(),
  at: z.number(),
  seenAt: z.number(),
});
export type BrowserSession = z.output<typeof sessionSchema>;

/** The content of the cookie. */
export const sealSession = (session: BrowserSession, key: SealKey): string => seal('session', session, key);

/** Null: no cookie of this cluster, or one that is over. */
export function openSession(cookie: string, keys: readonly SealKey[], now: number): BrowserSession | null {
  const parsed = sessionSchema.safeParse(open('session', cookie, keys));
  if (!parsed.success) return null;
  const { at, seenAt } = parsed.data;
  return now - at >= LONGEST_MS || now - seenAt >= IDLE_MS ? null : parsed.data;
}

/** The same session, seen now; null: its cookie is new enough. */
export function renewed(session: BrowserSession, now: number): BrowserSession | null {
  return now - session.seenAt >= RENEW_AFTER_MS ? { ...session, seenAt: now } : null;
}

/** `Set-Cookie`. `secure`: the browser came by TLS. */
export function sessionCookie(value: string, secure: boolean): string {
  const maxAge = value === '' ? 0 : LONGEST_MS / 1_000;
  return `${cookieName(secure)}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
}

/** A name with this prefix is taken by browsers with TLS only, and only from this host itself. */
export const cookieName = (secure: boolean): string => (secure ? '__Host-drover' : 'drover');

/** The value of a cookie in the header `Cookie`; null: there is none. */
export function cookieNamed(name: string, header: string | undefined): string | null {
  for (const pair of (header ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return null;
}
