import type { JWTPayload } from 'jose';

/**
 * The name of the person or program in the claims, for people to read: an address that the provider verified or says nothing of, else the name or
 * the client, else the subject.
 */
export function nameOf(claims: JWTPayload): string {
  const { email, email_verified: isVerified, preferred_username: username, client_id: client, sub } = claims;
  const address = isVerified === false ? undefined : email;
  const names = [address, username, client, sub].filter(
    (name): name is string => typeof name === 'string' && name !== '',
  );
  return (names[0] ?? 'unknown').slice(0, 128);
}

/** The values of a claim: a text or a list of texts. `realm_access.roles` goes down, unless a claim has that very name. */
export function valuesOf(claims: JWTPayload, claim: string): string[] {
  const found = Object.hasOwn(claims, claim) ? claims[claim] : claim.split('.').reduce<unknown>(step, claims);
  const values: unknown[] = Array.isArray(found) ? found : [found];
  return values.filter((value) => typeof value === 'string');
}

function step(at: unknown, name: string): unknown {
  return typeof at === 'object' && at !== null && Object.hasOwn(at, name)
    ? (at as Record<string, unknown>)[name]
    : undefined;
}

/** The path below this server to go to after the sign-in: none of another server, however it is written. */
export function localPath(given: string | undefined, fallback: string): string {
  if (given === undefined || !/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,1000}$/.test(given)) return fallback;
  const base = 'http://drover.invalid';
  return URL.canParse(given, base) && new URL(given, base).origin === base ? given : fallback;
}
