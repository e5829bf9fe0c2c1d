import { isIP } from 'node:net';

/** An address to listen at. */
export interface Listen {
  /** An IP address, without brackets, or `localhost`. */
  host: string;
  /** 0: any free port. */
  port: number;
}

const LISTEN = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/;

/** Reads `127.0.0.1:9464`, `[::1]:9464`, `localhost:0`; `null` where the text is none. */
export function parseListen(text: string): Listen | null {
  const [, bracketed, plain, digits] = LISTEN.exec(text) ?? [];
  const host = bracketed ?? plain ?? '';
  const port = Number(digits);
  if (port > 65_535 || !(bracketed === undefined ? isIP(host) === 4 || host === 'localhost' : isIP(host) === 6))
    return null;
  return { host, port };
}

/** Whether only processes of this machine can reach it. An address has no brackets. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
