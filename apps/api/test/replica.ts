import { createServer, type AddressInfo } from 'node:net';
import { connect, type Drover } from '@drover/client';
import { resolveSchedulerConfig } from '@drover/config';
import { createLog } from '@drover/observability';
import { systemRuntime } from '@drover/runtime';
import { Told, type Teardown } from '@drover/testing';
import type { AuditEntry } from '../src/access/audit.js';
import { createApi } from '../src/create-api.js';
import { apiThreadData } from '../src/thread-data.js';

export interface Replica {
  url: string;
  /** Lines of its log. */
  log: Told<Record<string, unknown>>;
  /** A request of a program; `as`: its bearer token. */
  ask(method: string, path: string, asked?: Asked): Promise<Answered>;
}
export interface Asked {
  as?: string;
  body?: unknown;
  headers?: Record<string, string>;
}
/** The fields that an answer may have. */
export interface Body {
  caller?: { name: string; [field: string]: unknown } | null;
  permissions?: string[];
  items?: unknown[];
  payload?: unknown;
  [field: string]: unknown;
}
export interface Answered {
  status: number;
  body: Body;
  headers: Headers;
}

/** The API of a scheduler that nobody runs: whatever needs no leader is answered. */
export async function startReplica(
  t: Teardown,
  zk: string,
  id: string,
  flags: Record<string, unknown>,
): Promise<Replica> {
  const config = resolveSchedulerConfig({ flags: { zk, id, apiListen: '127.0.0.1:0', logLevel: 'error', ...flags } });
  const lines = new Told<Record<string, unknown>>();
  const log = createLog({
    ...{ level: 'error', pretty: false, fields: { id } },
    write: (line) => lines.tell(JSON.parse(line) as Record<string, unknown>),
  });
  const identity = { id, host: 'test', pid: process.pid, version: '0.0.0' };
  const channel = { post: () => undefined, listen: () => undefined };
  const api = await createApi({
    data: apiThreadData(config, config.api!, identity),
    channel,
    runtime: systemRuntime,
    log,
  });
  t.teardown(() => api.close());
  return { url: api.url, log: lines, ask: (method, path, asked) => ask(api.url, method, path, asked) };
}

export async function ask(
  url: string,
  method: string,
  path: string,
  { as, body, headers = {} }: Asked = {},
): Promise<Answered> {
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(as === undefined ? {} : { authorization: `Bearer ${as}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? {} : (JSON.parse(text) as Body),
  };
}

export async function client(t: Teardown, zk: string): Promise<Drover> {
  const drover = await connect({ zk, onWarning: () => undefined });
  t.teardown(() => drover.close());
  return drover;
}

/** The audit events in the log, as they come. */
export const auditOf = (replica: Replica, accept: (entry: AuditEntry) => boolean): Promise<Record<string, unknown>> =>
  replica.log.first((line) => line.event === 'audit' && accept(line as unknown as AuditEntry));

/** Asks again until the answer is as wanted: a change in ZooKeeper reaches a replica a moment later. */
export async function until(
  answered: () => Promise<Answered>,
  accept: (answer: Answered) => boolean,
): Promise<Answered> {
  for (;;) {
    const answer = await answered();
    if (accept(answer)) return answer;
  }
}

/** One that nobody listened at a moment ago. */
export function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    }),
  );
}
