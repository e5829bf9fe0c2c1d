import { InvalidArgumentError, WORKER_DEFAULTS } from '@drover/core';
import ipaddr from 'ipaddr.js';
import { isAllowed, parseRules, type Destination, type Rule } from './allow-rules.js';

/**
 * The addresses that `http` tasks may reach. Anybody who can submit a task chooses the URL, so without a policy a
 * worker is a door into its own network: to services that trust it, and to the metadata of a cloud, which gives out
 * credentials.
 *
 * `public`: public addresses, at ports 80 and 443. `private`: those of private networks too, at any port. `off`:
 * everything. The allow list opens single destinations besides. Judged is the address that a connection goes to, not
 * the name that stands in the URL.
 */
export const HTTP_POLICIES = ['public', 'private', 'off'] as const;
export type HttpPolicyName = (typeof HTTP_POLICIES)[number];

export interface HttpPolicyOptions {
  /** Default `public`. */
  policy?: HttpPolicyName;
  /** `HOST`, `HOST:PORT`, `ADDRESS/BITS`, `ADDRESS/BITS:PORT`; IPv6 in brackets where a port follows; port `*`: any. */
  allow?: readonly string[];
}

const PUBLIC_PORTS = [80, 443];
/** Every other range is this machine's, its neighbours', nobody's, or an address in disguise (mapped, translated). */
const RANGES: Readonly<Record<Exclude<HttpPolicyName, 'off'>, readonly string[]>> = {
  public: ['unicast'],
  private: ['unicast', 'private', 'carrierGradeNat', 'uniqueLocal'],
};
/** Clouds answer here with credentials, though the ranges look harmless: AWS (IPv6), Alibaba, Oracle, Azure. */
const METADATA = ['fd00:ec2::254', '100.100.100.200', '192.0.0.192', '168.63.129.16'].map((text) => ipaddr.parse(text));
/** The range of IPv6 that is in use for public addresses. */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');

export class AddressPolicy {
  readonly name: HttpPolicyName;
  readonly #rules: readonly Rule[];

  /** Throws `InvalidArgumentError` for a policy or an entry of the allow list that is none. */
  constructor({ policy = WORKER_DEFAULTS.httpPolicy, allow = [] }: HttpPolicyOptions) {
    if (!HTTP_POLICIES.includes(policy))
      throw new InvalidArgumentError('http policy', policy, `one of ${HTTP_POLICIES.join(', ')}`);
    this.name = policy;
    this.#rules = parseRules(allow);
  }

  /** Why no connection to `host` at `port` is allowed, whatever its address; `null`: it depends on the address. */
  refusalOfPort({ host, port }: Destination): string | null {
    if (this.name !== 'public' || PUBLIC_PORTS.includes(port)) return null;
    const isOpened = this.#rules.some((rule) => isAllowed(rule, { host, port }, null));
    return isOpened ? null : `port ${port} is not allowed`;
  }

  /** Why no connection to `address` is allowed; `null`: it is. `host`: the name by which the URL calls it. */
  refusalOfAddress(destination: Destination, address: string): string | null {
    if (this.name === 'off') return null;
    const parsed = ipaddr.isValid(address) ? ipaddr.parse(address) : null;
    if (parsed === null) return `${address} is not an address`;
    if (this.#rules.some((rule) => isAllowed(rule, destination, parsed))) return null;
    const range = rangeOf(parsed);
    if (!RANGES[this.name].includes(range)) return `${address} is not a ${this.name} address (${range})`;
    // A rule may have opened the port for other addresses only.
    const isPortOpen = this.name !== 'public' || PUBLIC_PORTS.includes(destination.port);
    return isPortOpen ? null : `port ${destination.port} of ${address} is not allowed`;
  }
}

function rangeOf(address: ipaddr.IPv4 | ipaddr.IPv6): string {
  if (METADATA.some((known) => known.toNormalizedString() === address.toNormalizedString())) return 'cloud metadata';
  const range = address.range();
  const isUnused = range === 'unicast' && address instanceof ipaddr.IPv6 && !address.match(GLOBAL_IPV6);
  return isUnused ? 'reserved' : range;
}
