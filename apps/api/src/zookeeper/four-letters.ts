import { connect } from 'node:net';

/** A server's account of itself. Null: it did not say. */
export interface ServerState {
  address: string;
  reachable: boolean;
  version: string | null;
  mode: string | null;
  connections: number | null;
  outstanding: number | null;
  latencyMs: number | null;
  znodes: number | null;
  watches: number | null;
  dataBytes: number | null;
  why: string | null;
}

const WITHIN_MS = 1_000;
const MOST_BYTES = 256 * 1024;

/** Asks a server by ZooKeeper's four-letter words, as far as it allows them. Never rejects. */
export async function stateOf(host: string, port: number): Promise<ServerState> {
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  try {
    const [srvr, mntr] = await Promise.all([say(host, port, 'srvr'), say(host, port, 'mntr')]);
    return { address, reachable: true, ...read(srvr, mntr) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { address, reachable: false, ...NOTHING, why };
  }
}

const NOTHING = {
  ...{ version: null, mode: null, connections: null, outstanding: null, latencyMs: null, znodes: null, watches: null },
  dataBytes: null,
};

/** The answers as numbers. Pure. */
export function read(srvr: string, mntr: string): Omit<ServerState, 'address' | 'reachable'> {
  const shown = new Map(srvr.split('\n').flatMap((line) => pair(line, /^([^:]+): ?(.*)$/)));
  const more = new Map(mntr.split('\n').flatMap((line) => pair(line, /^(\S+)\t(.*)$/)));
  if (shown.size === 0 && more.size === 0) {
    const why = srvr.includes('not in the whitelist')
      ? 'its four-letter words are off: allow srvr and mntr with 4lw.commands.whitelist'
      : 'it answered nothing to srvr and mntr';
    return { ...NOTHING, why };
  }
  const number = (...texts: (string | undefined)[]): number | null => {
    const found = texts
      .map((text) => (text === undefined || text === '' ? NaN : Number(text)))
      .find((value) => !Number.isNaN(value));
    return found ?? null;
  };
  return {
    version: (shown.get('Zookeeper version') ?? more.get('zk_version') ?? '').split(/[-,]/)[0] || null,
    mode: shown.get('Mode') ?? more.get('zk_server_state') ?? null,
    connections: number(shown.get('Connections'), more.get('zk_num_alive_connections')),
    outstanding: number(shown.get('Outstanding'), more.get('zk_outstanding_requests')),
    latencyMs: number((shown.get('Latency min/avg/max') ?? '').split('/')[1], more.get('zk_avg_latency')),
    znodes: number(shown.get('Node count'), more.get('zk_znode_count')),
    watches: number(more.get('zk_watch_count')),
    dataBytes: number(more.get('zk_approximate_data_size')),
    why: null,
  };
}

function pair(line: string, pattern: RegExp): [string, string][] {
  const [, name, value] = pattern.exec(line.trim()) ?? [];
  return name === undefined || value === undefined ? [] : [[name, value]];
}

function say(host: string, port: number, word: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    let text = '';
    socket.setEncoding('latin1');
    socket.setTimeout(WITHIN_MS, () => socket.destroy(new Error(`it did not answer within ${WITHIN_MS} ms`)));
    socket.on('connect', () => socket.write(word));
    socket.on('data', (part: string) => {
      text += part;
      if (text.length > MOST_BYTES) socket.destroy(new Error('it answers without an end'));
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
  });
}
