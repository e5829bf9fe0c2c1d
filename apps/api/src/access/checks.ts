import type { Route } from '@drover/api';
import type { AccessConfig } from '@drover/config';
import { ApiError } from '../api-error.js';
import type { Incoming } from './access.js';
import { may, NOBODY, type Caller } from './caller.js';
import { isCrossSite } from './cross-site.decide.js';
import { hostOf, isOwnHost, type OwnHosts } from './hosts.decide.js';
import type { Identified } from './identify.js';

/** Each throws `ApiError` where it does not hold, with what to do. */

export function checkHost({ headers }: Incoming, hosts: OwnHosts): void {
  const host = hostHeader(headers);
  if (isOwnHost(host, hosts)) return;
  const name = hostOf(host) ?? '';
  throw new ApiError('misdirected', `this server is not called '${name}'; if it is, name it in --api-hosts`);
}

/** `corsOrigins`: those that may change something where nobody signs in. */
export function checkSite(incoming: Incoming, identified: Identified | null, corsOrigins: readonly string[]): void {
  const { method = '', headers } = incoming;
  const fetchSite = headers['sec-fetch-site'];
  const crossSite = isCrossSite({
    ...{ method, host: hostHeader(headers), origin: headers.origin, allowedOrigins: corsOrigins },
    fetchSite: typeof fetchSite === 'string' ? fetchSite : undefined,
    ambient: identified?.ambient ?? true,
    cookie: identified !== null && identified.session !== null,
  });
  if (crossSite)
    throw new ApiError(
      'cross-site',
      'a page of another site sent this; only pages of this server may change something',
    );
}

export function checkRoute(
  caller: Caller,
  { permission, disableable }: Pick<Route, 'permission' | 'disableable'>,
  config: AccessConfig,
): void {
  if (permission !== null && !may(caller, permission)) {
    if (caller === NOBODY) throw new ApiError('unauthenticated', howToSignIn(config));
    const limit = caller.queues === null ? '' : `, or is limited to the queues ${caller.queues.join(', ')}`;
    throw new ApiError('forbidden', `${caller.name} lacks the permission '${permission}'${limit}`, {
      needs: permission,
    });
  }
  if (disableable !== undefined && config.disable.includes(disableable))
    throw new ApiError('disabled', `--api-disable ${disableable}: this server lets nobody do it`, {
      action: disableable,
    });
}

/** HTTP/2 has a name of its own for it. */
export function hostHeader(headers: Incoming['headers']): string | undefined {
  const authority = headers[':authority'];
  return typeof authority === 'string' ? authority : headers.host;
}

const howToSignIn = ({ methods }: AccessConfig): string =>
  `nobody is signed in; this server takes ${methods.map((method) => HOW[method]).join(', ')}`;

const HOW: Readonly<Record<AccessConfig['methods'][number], string>> = {
  none: 'everybody',
  token: 'a token (Authorization: Bearer drv_...)',
  oidc: 'the sign-in at the OpenID provider, or a token of it',
  mtls: 'a client certificate with a known name',
  proxy: 'the word of its proxy',
};
