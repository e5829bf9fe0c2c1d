import { HttpBlockedError, shown } from './http-errors.js';

/** One request, as it goes out: a redirect makes another one of it. */
export interface Outgoing {
  /** Without credentials: those are in `headers`. */
  readonly url: URL;
  readonly method: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | undefined;
}

export const MAX_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];
/** Not for whoever another server names. */
const FOR_THIS_ORIGIN = ['authorization', 'cookie', 'proxy-authorization', 'host'];

export function isRedirect(status: number, location: string | null): location is string {
  return location !== null && REDIRECTS.includes(status);
}

/**
 * The request that follows an answer of `status` with `location`, as browsers do it. Throws `HttpBlockedError` for what
 * is not followed.
 */
export function redirected(request: Outgoing, status: number, location: string): Outgoing {
  const url = targetOf(request, location);
  const isOther = url.origin !== request.url.origin;
  const headers = isOther ? without(request.headers, FOR_THIS_ORIGIN) : request.headers;
  if (!becomesGet(status, request.method)) return { ...request, url, headers };
  const isOfBody = (name: string): boolean => name.startsWith('content-');
  return { url, method: 'GET', headers: headers.filter(([name]) => !isOfBody(name.toLowerCase())), body: undefined };
}

function targetOf({ url, method }: Outgoing, location: string): URL {
  const from = `${method} ${shown(url)}: redirect`;
  const target = URL.canParse(location, url.href) ? new URL(location, url) : null;
  if (target === null) throw new HttpBlockedError('redirect', `${from} to an invalid URL`);
  if (target.protocol !== 'http:' && target.protocol !== 'https:')
    throw new HttpBlockedError('redirect', `${from} to ${target.protocol} is not followed, only http: and https: are`);
  if (url.protocol === 'https:' && target.protocol === 'http:')
    throw new HttpBlockedError('redirect', `${from} from https: to http: is not followed`);
  target.username = '';
  target.password = '';
  return target;
}

function becomesGet(status: number, method: string): boolean {
  if (status === 303) return method !== 'GET' && method !== 'HEAD';
  return (status === 301 || status === 302) && method === 'POST';
}

function without(headers: Outgoing['headers'], names: readonly string[]): Outgoing['headers'] {
  return headers.filter(([name]) => !names.includes(name.toLowerCase()));
}
