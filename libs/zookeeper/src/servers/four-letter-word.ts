import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TlsSource } from '../port.js';

/** A server as clients reach it. `tls`: at its secureClientPort. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  readonly tls?: TlsSource | undefined;
}

/** No server has more to say: `mntr` answers some 20 KiB. */
const MOST_BYTES = 256 * 1024;

/**
 * Sends one of ZooKeeper's four-letter words (`srvr`, `mntr`, `conf`, ...) and resolves with the whole answer. Rejects where nobody
 * answers within `timeoutMs`, or without an end.
 */
export function askFourLetterWord(word: string, server: ServerAddress, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = open(server);
    let text = '';
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no answer within ${timeoutMs / 1_000} s`)));
    socket.setEncoding('latin1').on('data', (part: string) => {
      text += part;
      if (text.length > MOST_BYTES) socket.destroy(new Error('it answers without an end'));
    });
    socket.on('error', (error: NodeJS.ErrnoException) => reject(error.message === '' ? new Error(error.code) : error));
    socket.on('close', () => resolve(text));
    socket.write(word);
  });
}

function open({ host, port, tls }: ServerAddress): Socket {
  if (tls === undefined) return connectTcp(port, host);
  return connectTls({ host, port, servername: host, ...(typeof tls === 'function' ? tls() : tls) });
}
