import type { OidcConfig } from '@drover/config';
import { messageOf } from '@drover/runtime';
import type { JWTPayload } from 'jose';
import * as z from 'zod';
import { ApiError } from '../../api-error.js';
import type { Caller } from '../caller.js';
import { grantOf } from '../grants.decide.js';
import { open, seal, type SealKey } from '../sealed.js';
import { localPath, nameOf, valuesOf } from './claims.decide.js';
import type { Provider } from './provider.js';

/** A sign-in at the provider may take so long. */
const LONGEST_MS = 10 * 60_000;

const pendingSchema = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  redirectUri: z.string(),
  to: z.string(),
  at: z.number(),
});

/** Why nobody was signed in: the word that the dashboard is told, and the sentence for the audit. */
export class SignInFault extends Error {
  override readonly name = 'SignInFault';
  readonly why: 'expired' | 'denied' | 'no-roles' | 'provider';
  constructor(why: SignInFault['why'], message: string) {
    super(message);
    this.why = why;
  }
}

/** The address at the provider, and the cookie that binds the sign-in to this browser. */
export async function beginLogin(
  provider: Provider,
  asked: { redirectUri: string; to: string | undefined; fallback: string; now: number; key: SealKey },
): Promise<{ url: string; cookie: string }> {
  const { redirectUri, to, fallback, now, key } = asked;
  const { url, pending } = await provider.begin(redirectUri);
  return { url, cookie: seal('login', { ...pending, redirectUri, to: localPath(to, fallback), at: now }, key) };
}

/** The caller that came back from the provider, and the page that it wanted. Throws `SignInFault`. */
export async function finishLogin(
  provider: Provider,
  config: OidcConfig,
  asked: { answer: URLSearchParams; cookie: string | null; now: number; keys: readonly SealKey[] },
): Promise<{ caller: Caller; to: string }> {
  const { answer, cookie, now, keys } = asked;
  const parsed = pendingSchema.safeParse(cookie === null ? null : open('login', cookie, keys));
  if (!parsed.success || now - parsed.data.at > LONGEST_MS)
    throw new SignInFault('expired', 'the sign-in was not begun in this browser, or more than 10 minutes ago');
  const { redirectUri, to, ...pending } = parsed.data;
  const claims = await provider.finish(answer, redirectUri, pending).catch(toFault);
  const caller = callerOf(claims, config);
  if (caller !== null) return { caller, to };
  const whose = `the claim '${config.claim}' of ${nameOf(claims)}`;
  throw new SignInFault('no-roles', `no value of ${whose} gives a role (--api-oidc-roles)`);
}

/** Null: nothing that the claim has gives a role. */
export function callerOf(claims: JWTPayload, { claim, roles }: OidcConfig): Caller | null {
  const grant = grantOf(valuesOf(claims, claim), roles);
  return grant === null ? null : { name: nameOf(claims), auth: 'oidc', ...grant };
}

function toFault(error: unknown): never {
  throw new SignInFault(error instanceof ApiError ? 'provider' : 'denied', messageOf(error));
}
