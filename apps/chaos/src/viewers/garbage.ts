import type { ViewersDid } from './settings.js';
import { keepSockets } from './sockets.js';

/** The beginning of a handshake of TLS 1.2, as a client sends it that takes the port for one of HTTPS. */
const CLIENT_HELLO = Buffer.from(
  '16030100510100004d0303' +
    '5a'.repeat(32) +
    '000004c02fc030010000200000000e000c0000096c6f63616c686f7374000a000400020017',
  'hex',
);
const nested = '['.repeat(200_000);

/** Each is sent over a connection of its own. */
export const GARBAGE: readonly ((random: () => number) => string | Uint8Array)[] = [
  () => CLIENT_HELLO,
  (random) => Uint8Array.from({ length: 1 + Math.floor(random() * 4_000) }, () => Math.floor(random() * 256)),
  () => 'GET /v1/overview HTTP/9.9\r\n\r\n',
  () => 'GARBAGE\r\n\r\n\r\n',
  () => `GET /v1/overview HTTP/1.1\r\nHost: x\r\nX-Huge: ${'h'.repeat(100_000)}\r\n\r\n`,
  () => `GET /v1/${'p'.repeat(50_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  () => `GET / HTTP/1.1\r\n${'X-Many: 1\r\n'.repeat(5_000)}\r\n`,
  // Half a request: the rest never comes.
  () => 'GET /v1/overview HTTP/1.1\r\nHost: local',
  () =>
    'POST /v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"ty',
  () =>
    'POST /v1/batches HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"typ',
  () =>
    'POST /v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n',
  () => 'POST /v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n',
  () =>
    `POST /v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${nested.length}\r\n\r\n${nested}`,
  () => 'GET /internal/questions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Drover AAAA\r\n\r\n',
];

const LASTS_MS = 4_000;

/** Keeps sending garbage to one API, over so many connections at a time. */
export function garbage(
  api: string,
  options: { count: number; random: () => number; did: ViewersDid; signal: AbortSignal },
): void {
  const { did, ...rest } = options;
  keepSockets({
    ...rest,
    api,
    lastsMs: LASTS_MS,
    opened: (socket) => {
      did.garbage++;
      socket.resume();
      socket.write(GARBAGE[Math.floor(rest.random() * GARBAGE.length)]?.(rest.random) ?? '');
    },
  });
}
