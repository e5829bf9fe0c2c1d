import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import type * as Undici from 'undici';
import type { AddressPolicy } from './address-policy.js';
import type { Destination } from './allow-rules.js';
import { HttpBlockedError } from './http-errors.js';

/**
 * Connections that obey the policy. The address is judged where the connection is made: what a name resolves to is looked
 * up once, judged, and connected to, so that a name whose answer changes in between (DNS rebinding) gets nowhere. A
 * connection that is kept open for the next request to the same host and port was judged when it was made.
 */
const CONNECT_MS = 10_000;
/** Without a byte, before the answer begins and within it. */
const IDLE_MS = 300_000;

/** `undici`: loaded late, for a worker without `http` should not pay for it. */
export function guardedAgent(undici: typeof Undici, policy: AddressPolicy): Undici.Agent {
  const connect: Undici.buildConnector.connector = (options, callback) => {
    const destination = destinationOf(options.hostname, options.port, options.protocol);
    const refusal = isIP(destination.host) === 0 ? null : refusalOf(policy, destination, [destination.host]);
    if (refusal !== null) return callback(refusal, null);
    const guarded = undici.buildConnector({ timeout: CONNECT_MS, lookup: guardedLookup(policy, destination) });
    return guarded(options, callback);
  };
  return new undici.Agent({ connect, headersTimeout: IDLE_MS, bodyTimeout: IDLE_MS });
}

/** `port`: as a URL has it, empty for the protocol's own. */
export function destinationOf(hostname: string, port: string, protocol: string): Destination {
  const ownPort = protocol === 'https:' ? 443 : 80;
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? ownPort : Number(port) };
}

/** One answer that is refused refuses the name: which one a connection takes is chance. */
function guardedLookup(policy: AddressPolicy, destination: Destination): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '');
      const refusal = refusalOf(policy, destination, addresses.map(({ address }) => address)); // prettier-ignore
      const [first] = addresses;
      if (refusal !== null || first === undefined) callback(refusal ?? new Error(`${hostname} has no address`), '');
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function refusalOf(
  policy: AddressPolicy,
  destination: Destination,
  addresses: readonly string[],
): HttpBlockedError | null {
  for (const address of addresses) {
    const why = policy.refusalOfAddress(destination, address);
    if (why !== null) return blocked('address', policy, destination, why);
  }
  return null;
}

/** Throws `HttpBlockedError` where no connection to this port is allowed. */
export function assertPort(policy: AddressPolicy, destination: Destination): void {
  const why = policy.refusalOfPort(destination);
  if (why !== null) throw blocked('port', policy, destination, why);
}

function blocked(
  by: 'address' | 'port',
  policy: AddressPolicy,
  { host, port }: Destination,
  why: string,
): HttpBlockedError {
  const entry = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return new HttpBlockedError(
    by,
    `refused by the policy '${policy.name}' of this worker: ${why}; its --http-allow '${entry}' would allow it`,
  );
}
