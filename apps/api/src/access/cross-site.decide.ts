/** The signs in a request of the page that sent it. */
export interface Sent {
  readonly method: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** The header `Sec-Fetch-Site`. */
  readonly fetchSite: string | undefined;
  /** The caller is known by what the browser sends by itself: a cookie, a certificate, or nothing at all. */
  readonly ambient: boolean;
  /** By the cookie: only browsers have it, so one of the two headers must say where the request came from. */
  readonly cookie: boolean;
  /** Origins that may change things where nobody signs in. */
  readonly allowedOrigins: readonly string[];
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Whether a browser sent it for a page of another site, so that it must change nothing. Programs send neither header;
 * every browser sends at least one of them with an unsafe request.
 */
export function isCrossSite(sent: Sent): boolean {
  const { method, host, origin, fetchSite, ambient, cookie, allowedOrigins } = sent;
  if (SAFE.has(method) || !ambient) return false;
  if (!cookie && origin !== undefined && allowedOrigins.includes(origin)) return false;
  if (fetchSite !== undefined) return fetchSite !== 'same-origin';
  if (origin !== undefined) return !isSameHost(origin, host);
  return cookie;
}

/** The scheme is not compared: a proxy may have taken TLS away. */
function isSameHost(origin: string, host: string | undefined): boolean {
  if (host === undefined || !URL.canParse(origin)) return false;
  const { host: given, protocol } = new URL(origin);
  // `URL` leaves out the port that belongs to the scheme.
  return URL.canParse(`${protocol}//${host}`) && given !== '' && given === new URL(`${protocol}//${host}`).host;
}
