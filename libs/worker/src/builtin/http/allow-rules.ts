import { InvalidArgumentError } from '@drover/core';
import ipaddr from 'ipaddr.js';

/** One entry of the allow list: a name or a range of addresses, and the ports that it opens there. */
export interface Rule {
  readonly host: string | null;
  readonly range: readonly [ipaddr.IPv4 | ipaddr.IPv6, number] | null;
  /** `null`: every port. */
  readonly ports: readonly number[] | null;
}

/** The destination of a connection, as in the URL. */
export interface Destination {
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
}

const WEB_PORTS = [80, 443];
const ENTRY =
  /^(?:\[(?<v6>[0-9a-f:.]+)\](?<v6bits>\/\d{1,3})?|(?<host>[^\s/:[\]]+)(?<bits>\/\d{1,2})?)(?::(?<port>\d{1,5}|\*))?$/i;
const BARE_IPV6 = /^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*(\/\d{1,3})?$/i;
const EXPECTED = "HOST, HOST:PORT or ADDRESS/BITS, as 'api.internal:8443', '10.1.0.0/16', '[fd00::]/8:*'";

/** Throws `InvalidArgumentError`. */
export function parseRules(allow: readonly string[]): Rule[] {
  return allow.map(parseRule);
}

function parseRule(entry: string): Rule {
  const given = BARE_IPV6.test(entry) ? entry.replace(/^([^/]+)/, '[$1]') : entry;
  const { v6, v6bits, host, bits, port } = ENTRY.exec(given)?.groups ?? {};
  const name = v6 ?? host;
  if (name === undefined) throw new InvalidArgumentError('http allow', entry, EXPECTED);
  const ports = toPorts(entry, port);
  const prefix = v6bits ?? bits;
  const isAddress = v6 !== undefined || ipaddr.IPv4.isValidFourPartDecimal(name);
  if (!isAddress && prefix === undefined) return { host: name.toLowerCase(), range: null, ports };
  return { host: null, range: toRange(entry, name, prefix), ports };
}

function toPorts(entry: string, port: string | undefined): readonly number[] | null {
  if (port === undefined) return WEB_PORTS;
  if (port === '*') return null;
  const number = Number(port);
  if (number >= 1 && number <= 65_535) return [number];
  throw new InvalidArgumentError('http allow', entry, 'a port from 1 to 65535, or *');
}

function toRange(entry: string, address: string, prefix: string | undefined): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  try {
    const whole = ipaddr.parse(address).kind() === 'ipv4' ? 32 : 128;
    return ipaddr.parseCIDR(`${address}${prefix ?? `/${whole}`}`);
  } catch {
    throw new InvalidArgumentError('http allow', entry, EXPECTED);
  }
}

/** Whether the rule opens this destination; `address: null`: whether it would for some address. */
export function isAllowed(rule: Rule, { host, port }: Destination, address: ipaddr.IPv4 | ipaddr.IPv6 | null): boolean {
  if (rule.ports !== null && !rule.ports.includes(port)) return false;
  if (rule.host !== null) return rule.host === host.toLowerCase().replace(/\.$/, '');
  if (address === null || rule.range === null) return true;
  const [network, bits] = rule.range;
  return address.kind() === network.kind() && address.match(network, bits);
}
