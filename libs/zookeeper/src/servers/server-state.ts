import { messageOf } from '@drover/runtime';
import { askFourLetterWord, type ServerAddress } from './four-letter-word.js';

/** The answers of a server by name. */
type Pairs = Readonly<Record<string, string>>;

/** A server's account of itself. Null: it did not say. */
export interface ServerState {
  /** False: nobody answers there. */
  readonly reachable: boolean;
  /** It answers, but is part of no quorum: then nothing else is known. */
  readonly serving: boolean;
  readonly version: string | null;
  /** `standalone`, `leader`, `follower`, `observer`. */
  readonly mode: string | null;
  readonly connections: number | null;
  readonly outstanding: number | null;
  readonly latencyMs: number | null;
  readonly znodes: number | null;
  readonly watches: number | null;
  readonly dataBytes: number | null;
  /** All of `mntr`, and of `conf` where it was asked for; null: the server does not allow the word. */
  readonly mntr: Pairs | null;
  readonly conf: Pairs | null;
  /** Why nothing is known, in words for people. */
  readonly why: string | null;
}

const NOT_ALLOWED = 'is not executed because it is not in the whitelist';
const NOT_SERVING = 'not currently serving requests';
const NOTHING = {
  ...{ version: null, mode: null, connections: null, outstanding: null, latencyMs: null, znodes: null, watches: null },
  ...{ dataBytes: null, mntr: null, conf: null },
};

/** Asks a server by `srvr`, `mntr` and with `conf` that word too, as far as it allows them. Never rejects. */
export async function askServer(
  server: ServerAddress,
  { timeoutMs, conf = false }: { timeoutMs: number; conf?: boolean },
): Promise<ServerState> {
  const words = ['srvr', 'mntr', ...(conf ? ['conf'] : [])];
  try {
    const [srvr = '', mntr = '', settings = ''] = await Promise.all(
      words.map((word) => askFourLetterWord(word, server, timeoutMs)),
    );
    return readServerState(srvr, mntr, settings);
  } catch (error) {
    return { reachable: false, serving: false, ...NOTHING, why: messageOf(error) };
  }
}

/** The answers to `srvr`, `mntr` and `conf`; empty: not asked. Of garbage nothing is known. Pure. */
export function readServerState(srvr: string, mntr: string, conf = ''): ServerState {
  if (srvr.includes(NOT_SERVING))
    return { reachable: true, serving: false, ...NOTHING, why: 'it answers, but is part of no quorum' };
  const shown = pairsIn(srvr, /^([^:]+): ?(.*)$/);
  const more = pairsIn(mntr, /^(\S+)\t(.*)$/);
  if (shown === null && more === null) {
    const why = srvr.includes(NOT_ALLOWED)
      ? 'its four-letter words are off: allow srvr and mntr with 4lw.commands.whitelist'
      : 'it answered nothing to srvr and mntr';
    return { reachable: true, serving: true, ...NOTHING, why };
  }
  return {
    ...{ reachable: true, serving: true, why: null },
    version: (shown?.['Zookeeper version'] ?? more?.zk_version ?? '').split(/[-,]/)[0] || null,
    mode: shown?.Mode ?? more?.zk_server_state ?? null,
    connections: numberIn(shown?.Connections, more?.zk_num_alive_connections),
    outstanding: numberIn(shown?.Outstanding, more?.zk_outstanding_requests),
    latencyMs: numberIn(shown?.['Latency min/avg/max']?.split('/')[1], more?.zk_avg_latency),
    znodes: numberIn(shown?.['Node count'], more?.zk_znode_count),
    watches: numberIn(more?.zk_watch_count),
    dataBytes: numberIn(more?.zk_approximate_data_size),
    mntr: more,
    conf: pairsIn(conf, /^([\w.]+)=(.*)$/),
  };
}

/** Null: no line is a pair, as where the word is not allowed. */
function pairsIn(text: string, pattern: RegExp): Pairs | null {
  if (text.includes(NOT_ALLOWED) || text.includes(NOT_SERVING)) return null;
  const pairs = text.split('\n').flatMap((line) => {
    const [, name, value] = pattern.exec(line.trim()) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
  return pairs.length === 0 ? null : Object.fromEntries(pairs);
}

/** The first of the texts that is a number. */
function numberIn(...texts: (string | undefined)[]): number | null {
  const found = texts
    .map((text) => (text === undefined || text === '' ? NaN : Number(text)))
    .find((value) => Number.isFinite(value));
  return found ?? null;
}
