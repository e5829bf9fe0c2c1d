import { ZooKeeperError } from '../errors.js';
import { pathProblem } from './paths.js';

export interface Server {
  /** A name or an address; an IPv6 address has no brackets here. */
  host: string;
  port: number;
}

export interface ConnectString {
  servers: Server[];
  /** The chroot; empty: none is given. */
  chroot: string;
}

const DEFAULT_PORT = 2181;

/**
 * Reads `host[:port][,host[:port]...][/chroot]`, IPv6 addresses in brackets.
 * Throws `ZooKeeperError` `BAD_ARGUMENTS` that names the part at fault.
 */
export function parseConnectString(text: string): ConnectString {
  const slash = text.indexOf('/');
  const path = slash < 0 ? '/' : text.slice(slash);
  const problem = pathProblem(path);
  if (problem !== null) throw malformed(text, `chroot ${path}: ${problem}`);
  const servers = (slash < 0 ? text : text.slice(0, slash)).split(',').map((part) => parseServer(part.trim(), text));
  return { servers, chroot: path === '/' ? '' : path };
}

function parseServer(part: string, text: string): Server {
  const match = /^(?:\[([0-9a-fA-F:.]+(?:%[\w.]+)?)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/.exec(part);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined) {
    throw malformed(text, `"${part}" is not host:port (an IPv6 address needs brackets: [::1]:2181)`);
  }
  const port = match?.[3] === undefined ? DEFAULT_PORT : Number(match[3]);
  if (port < 1 || port > 65_535) throw malformed(text, `the port of "${part}" must be 1 to 65535`);
  return { host, port };
}

function malformed(text: string, message: string): ZooKeeperError {
  return new ZooKeeperError({
    code: 'BAD_ARGUMENTS',
    op: 'connect',
    outcome: 'not-applied',
    message: `connect string "${text}": ${message}`,
  });
}
