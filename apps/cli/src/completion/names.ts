import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { systemRuntime } from '@drover/runtime';
import type { NameKind } from './complete.js';

/** A completion waits no longer for its names. */
const PATIENCE_MS = 300;
const CACHE_MS = 10_000;
const DEFAULT_API = 'http://127.0.0.1:7373';

type Env = NodeJS.ProcessEnv;
type Json = Readonly<Record<string, unknown>>;

/** The address of the names of a kind. */
const PATHS: Readonly<Record<Exclude<NameKind, 'contexts'>, string>> = {
  queues: '/v1/queues?limit=500',
  workers: '/v1/workers?limit=500',
  types: '/v1/workers?limit=500',
  schedulers: '/v1/schedulers',
  schedules: '/v1/schedules?limit=500',
  limits: '/v1/limits?limit=500',
  accounts: '/v1/accounts?limit=500',
  pools: '/v1/pools?limit=500',
  resources: '/v1/resources?limit=500',
};

/** Names of a kind; none where they cannot be had in time. Never rejects. */
export async function namesOf(kind: NameKind, words: readonly string[], env: Env): Promise<string[]> {
  try {
    const contexts = readContexts(env);
    if (kind === 'contexts') return Object.keys(contexts.contexts ?? {});
    const address = addressOf(contexts, words, env);
    return address === null ? [] : await cached(kind, address, env);
  } catch {
    // Somebody is writing a command line: a message would tear it.
    return [];
  }
}

interface ContextsFile {
  current?: string;
  contexts?: Readonly<Record<string, Json>>;
}
interface Address {
  url: string;
  token: string | null;
  ca: string | null;
}

const contextsFile = (env: Env): string =>
  join(env.XDG_CONFIG_HOME ?? env.APPDATA ?? join(env.HOME ?? homedir(), '.config'), 'drover', 'contexts.json');

function readContexts(env: Env): ContextsFile {
  const path = contextsFile(env);
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return {};
  return JSON.parse(readFileSync(path, 'utf8')) as ContextsFile;
}

/** As commands find the API: flag, environment, context. `null`: nobody says where it is. */
function addressOf({ current, contexts = {} }: ContextsFile, words: readonly string[], env: Env): Address | null {
  const name = flag(words, 'context') ?? (env.DROVER_CONTEXT || current);
  const context = name === undefined ? {} : (contexts[name] ?? {});
  const zk = flag(words, 'zk') ?? env.DROVER_ZK ?? context.zk;
  const given = flag(words, 'api') ?? (env.DROVER_API || context.api);
  // Of another ZooKeeper than the default the API is not known.
  const url = given ?? (zk === undefined || zk === '' ? DEFAULT_API : null);
  if (typeof url !== 'string') return null;
  const read = (option: string, variable: string, field: string): string | null => {
    const path = flag(words, option) ?? (env[variable] || context[field]);
    return typeof path === 'string' ? readFileSync(absolute(path, dirname(contextsFile(env))), 'utf8') : null;
  };
  return {
    url: url.replace(/\/+$/, ''),
    token: read('token-file', 'DROVER_TOKEN_FILE', 'tokenFile')?.trim() ?? null,
    ca: read('tls-ca-file', 'DROVER_TLS_CA_FILE', 'tlsCaFile'),
  };
}

const absolute = (path: string, folder: string): string =>
  path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(folder, path);

/** The value of an option on the command line. */
function flag(words: readonly string[], name: string): string | undefined {
  const at = words.lastIndexOf(`--${name}`);
  return at >= 0 ? words[at + 1] : words.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
}

async function cached(kind: Exclude<NameKind, 'contexts'>, address: Address, env: Env): Promise<string[]> {
  const folder = join(env.XDG_CACHE_HOME ?? join(env.HOME ?? homedir(), '.cache'), 'drover');
  const path = join(folder, `${kind}-${address.url.replace(/[^\w.-]+/g, '_')}.json`);
  const stat = statSync(path, { throwIfNoEntry: false });
  // The clock of the file system is that of the process.
  const age = stat === undefined ? Infinity : systemRuntime.now() - stat.mtimeMs;
  if (age >= 0 && age < CACHE_MS) return JSON.parse(readFileSync(path, 'utf8')) as string[];
  const names = await ask(kind, address);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.${process.pid}`, JSON.stringify(names), { mode: 0o600 });
  renameSync(`${path}.${process.pid}`, path);
  return names;
}

async function ask(kind: Exclude<NameKind, 'contexts'>, { url, token, ca }: Address): Promise<string[]> {
  const { request } = url.startsWith('https:') ? https : (http as unknown as typeof https);
  const headers = { accept: 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const body = await new Promise<string>((done, fail) => {
    const sent = request(url + PATHS[kind], { headers, signal, ...(ca === null ? {} : { ca }) }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.on('end', () => (answer.statusCode === 200 ? done(text) : fail(new Error(String(answer.statusCode)))));
      answer.on('error', fail);
    });
    sent.on('error', fail);
    sent.end();
  });
  const { items } = JSON.parse(body) as { items: Json[] };
  const names = items.flatMap(({ name, account, id, types }) =>
    kind === 'types' ? (types as string[]) : [String(name ?? account ?? id)],
  );
  return [...new Set(names)].sort();
}
