import { isIP } from 'node:net';
import { isLoopbackHost } from '@drover/config';

/** The names by which this server may be asked. */
export interface OwnHosts {
  /** It listens on a loopback address. */
  readonly loopback: boolean;
  /** Names beside its addresses, in lower case. */
  readonly names: ReadonlySet<string>;
}

/**
 * Whether the header `Host` names this server. A page of another site can make its own name point to this address (DNS
 * rebinding), and would then count as a page of this server; it cannot change what `Host` says. An address is no such
 * name, so any address is taken, but on loopback only one of loopback.
 */
export function isOwnHost(header: string | undefined, { loopback, names }: OwnHosts): boolean {
  const host = hostOf(header);
  if (host === null) return false;
  return isLoopbackHost(host) || names.has(host) || (!loopback && isIP(host) !== 0);
}

const HOST = /^(?:\[([0-9a-f:.]{2,45})\]|([a-z0-9._-]{1,253}))(?::\d{1,5})?$/;

/** Without port and brackets, in lower case; null: it is no host. */
export function hostOf(header: string | undefined): string | null {
  const [, bracketed, plain] = HOST.exec((header ?? '').toLowerCase()) ?? [];
  return bracketed ?? plain?.replace(/\.$/, '') ?? null;
}
