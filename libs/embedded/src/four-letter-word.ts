import { createConnection } from 'node:net';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/**
 * Sends one of ZooKeeper's four-letter words (`srvr`, `mntr`, `ruok`, ...) and resolves with the whole answer.
 * Rejects when nobody listens or the answer takes longer than `timeoutMs`.
 */
export function askFourLetterWord(word: string, endpoint: Endpoint, timeoutMs = 2_000): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = createConnection(endpoint);
    socket.setTimeout(timeoutMs, () => {
      socket.destroy(new Error(`no answer to '${word}' from ${endpoint.host}:${endpoint.port} within ${timeoutMs} ms`));
    });
    socket.once('connect', () => socket.write(word));
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.once('error', reject);
    socket.once('close', () => {
      resolve(Buffer.concat(chunks).toString('utf8'));
    });
  });
}

/** The role that a server which serves clients reports in the answer to `srvr`. */
export type ServerMode = 'standalone' | 'leader' | 'follower' | 'observer';

/** The mode in the answer to `srvr`; undefined while the server has no quorum and serves nobody. */
export function serverModeIn(answer: string): ServerMode | undefined {
  return /^Mode: (standalone|leader|follower|observer)$/m.exec(answer)?.[1] as ServerMode | undefined;
}
