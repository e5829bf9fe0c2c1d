import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TlsOptions } from '@drover/zookeeper';
import type { ServerFacts } from '../facts.js';

const PATIENCE_MS = 3_000;
const NOT_ALLOWED = 'is not executed because it is not in the whitelist';
const NOT_SERVING = 'not currently serving requests';

/** Asks a server for its version, its load and its settings. Never rejects. */
export async function askServer(address: string, tls: TlsOptions | undefined): Promise<ServerFacts> {
  const nothing = { version: null, mode: null, outstanding: null, mntr: null, conf: null };
  try {
    const [srvr, mntr, conf] = [
      await fourLetterWord(address, 'srvr', tls),
      await fourLetterWord(address, 'mntr', tls),
      await fourLetterWord(address, 'conf', tls),
    ];
    if (srvr.includes(NOT_SERVING)) return { address, unreachable: null, serving: false, ...nothing };
    return {
      address,
      unreachable: null,
      serving: true,
      ...readSrvr(srvr),
      mntr: allowed(mntr) ? readPairs(mntr, /^(\w+)\t(.*)$/gm) : null,
      conf: allowed(conf) ? readPairs(conf, /^(\w+)=(.*)$/gm) : null,
    };
  } catch (error) {
    const { message, code = '' } = error as NodeJS.ErrnoException;
    return { address, unreachable: message || code, serving: false, ...nothing };
  }
}

const allowed = (text: string): boolean => text !== '' && !text.includes(NOT_ALLOWED) && !text.includes(NOT_SERVING);

/** `Zookeeper version: 3.9.5-..., built on ...`, `Outstanding: 0`, `Mode: leader`. Pure. */
export function readSrvr(text: string): Pick<ServerFacts, 'version' | 'mode' | 'outstanding'> {
  const version = /^Zookeeper version: (\d[^\s,-]*)/m.exec(text)?.[1] ?? null;
  const mode = /^Mode: (\w+)/m.exec(text)?.[1] ?? null;
  const outstanding = /^Outstanding: (\d+)/m.exec(text)?.[1];
  return { version, mode, outstanding: outstanding === undefined ? null : Number(outstanding) };
}

const readPairs = (text: string, pattern: RegExp): Record<string, string> =>
  Object.fromEntries([...text.matchAll(pattern)].map(([, name = '', value = '']) => [name, value]));

function fourLetterWord(address: string, word: string, tls: TlsOptions | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = open(address, tls);
    let text = '';
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error(`no answer within ${PATIENCE_MS / 1_000} s`)));
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    socket.on('end', () => resolve(text)).on('error', reject);
    socket.write(word);
  });
}

function open(address: string, tls: TlsOptions | undefined): Socket {
  const at = address.lastIndexOf(':');
  const host = address.slice(0, at).replace(/^\[|\]$/g, '');
  const port = Number(address.slice(at + 1));
  return tls === undefined ? connectTcp(port, host) : connectTls({ host, port, servername: host, ...tls });
}
