import { BlockList, isIP } from 'node:net';
import type { AccessConfig } from '@drover/config';
import type { IncomingHttpHeaders } from 'node:http';
import { isEqual } from './sealed.js';

/** The proxies whose word is taken: by their address, and for who the user is by their secret too. */
export class Proxies {
  readonly #from = new BlockList();
  readonly #secret: string | null;

  constructor({ from, secret }: AccessConfig['proxy']) {
    for (const range of from) {
      const [address = '', bits] = range.split('/');
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      if (bits === undefined) this.#from.addAddress(address, family);
      else this.#from.addSubnet(address, Number(bits), family);
    }
    this.#secret = secret;
  }

  isFrom(address: string): boolean {
    const plain = plainAddress(address);
    const family = isIP(plain);
    return family !== 0 && this.#from.check(plain, family === 6 ? 'ipv6' : 'ipv4');
  }

  /** Of the client: the last address of `X-Forwarded-For` that is no trusted proxy's, else the peer's. */
  clientOf(peer: string, headers: IncomingHttpHeaders): string {
    if (!this.isFrom(peer)) return plainAddress(peer);
    const hops = textOf(headers['x-forwarded-for'])
      .split(',')
      .map((hop) => hop.trim());
    for (const hop of hops.reverse()) {
      if (isIP(hop) === 0) break;
      if (!this.isFrom(hop)) return hop;
    }
    return plainAddress(peer);
  }

  /** User and groups that the proxy vouches for; null: it does not. */
  userOf(peer: string, headers: IncomingHttpHeaders): { user: string; groups: string[] } | null {
    const user = textOf(headers['x-forwarded-user']);
    const secret = textOf(headers['drover-proxy-secret']);
    if (this.#secret === null || user === '' || !this.isFrom(peer) || !isEqual(secret, this.#secret)) return null;
    const groups = textOf(headers['x-forwarded-groups'])
      .split(',')
      .map((group) => group.trim());
    return { user: user.slice(0, 128), groups: groups.filter((group) => group !== '') };
  }
}

/** IPv4 that a socket for both shows as `::ffff:10.0.0.1`. */
const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

/** One that came more than once is nobody's. */
const textOf = (header: string | string[] | undefined): string => (typeof header === 'string' ? header.trim() : '');
