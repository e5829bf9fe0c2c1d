import { sessionName } from '@drover/coordination';
import { tlsFrom } from '@drover/config';
import { splitConnectString } from '@drover/protocol';
import { askServer, nullOn, type Acl, type Stat } from '@drover/zookeeper';
import { isHiddenZnode } from '../access/redact.js';
import type { ApiContext } from '../api-context.js';
import { ApiError } from '../api-error.js';
import type { Handlers } from './handler.js';

const LONGEST_PATH = 1_024;
const MOST_SERVERS = 16;
/** Answers of servers are good for so long, for all viewers. */
const GOOD_FOR_MS = 5_000;
const ANSWER_WITHIN_MS = 1_000;

export const zookeeperHandlers: Handlers = {
  getZooKeeper: async (_asked, context) => {
    const { session, probe, data } = context;
    const { zk, state } = session;
    const { p50, p99 } = probe.roundTripMs;
    const { hosts } = splitConnectString(data.zookeeper.connect);
    return {
      status: 200,
      json: {
        connect: data.zookeeper.connect,
        session: {
          id: zk.sessionId === 0n ? null : sessionName(zk.sessionId),
          state,
          timeoutMs: zk.sessionTimeoutMs,
          leaseMs: state === 'connected' ? Math.round(session.leaseMs()) : null,
        },
        roundTripMs: { p50, p99 },
        servers: await serversOf(hosts, context),
      },
    };
  },
  getZnode: async ({ query }, context) => {
    const path = checkedPath((query as { path: string }).path);
    const zk = await context.zk();
    const znode = await context.stored(nullOn(zk.get(path), 'NO_NODE'));
    if (znode === null) throw new ApiError('not-found', `there is no znode ${path}`);
    const acl = zk.capabilities.acl ? (await context.stored(zk.acl(path))).acl : [];
    return {
      status: 200,
      json: {
        path,
        data: context.access.shownValue(dataOf(znode.data)),
        bytes: znode.data.length,
        stat: statOf(znode.stat),
        acl: acl.map(aclOf),
      },
    };
  },
};

const known = new WeakMap<ApiContext, { at: number; servers: Promise<object[]> }>();

function serversOf(hosts: string, context: ApiContext): Promise<object[]> {
  const now = context.runtime.monotonic();
  const last = known.get(context);
  if (last !== undefined && now - last.at < GOOD_FOR_MS) return last.servers;
  const asked = Promise.all(
    addressesOf(hosts)
      .slice(0, MOST_SERVERS)
      .map((server) => viewServer(server, context)),
  );
  known.set(context, { at: now, servers: asked });
  return asked;
}

async function viewServer({ host, port }: { host: string; port: number }, { data }: ApiContext): Promise<object> {
  const { tlsFiles } = data.zookeeper;
  const tls = tlsFiles === undefined ? undefined : tlsFrom(tlsFiles);
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  const state = await askServer({ host, port, tls }, { timeoutMs: ANSWER_WITHIN_MS });
  const { serving: _serving, mntr: _mntr, conf: _conf, ...shown } = state;
  return { address, ...shown };
}

function addressesOf(hosts: string): { host: string; port: number }[] {
  return hosts.split(',').map((server) => {
    const [, host = server, port = '2181'] = /^(.*?)(?::(\d+))?$/.exec(server) ?? [];
    return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
  });
}

function checkedPath(path: string): string {
  const isPath =
    path.length <= LONGEST_PATH && /^\/(?:[^/\0]+(?:\/[^/\0]+)*)?$/.test(path) && !/(^|\/)\.\.?(\/|$)/.test(path);
  if (!isPath)
    throw new ApiError(
      'invalid-argument',
      `path: expected the path of a znode such as /tasks, got ${JSON.stringify(path.slice(0, 80))}`,
      {
        field: 'path',
        expected: 'the path of a znode',
      },
    );
  if (isHiddenZnode(path)) throw new ApiError('not-found', `${path} holds keys, and is shown to nobody`);
  return path;
}

/** JSON where it is JSON, or JSON lines; text otherwise; null where it is empty. */
function dataOf(data: Buffer): unknown {
  if (data.length === 0) return null;
  const text = data.toString('utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return linesOf(text) ?? text;
  }
}

function linesOf(text: string): unknown[] | null {
  try {
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as unknown);
  } catch {
    return null;
  }
}

const statOf = ({ version, cversion, ctime, mtime, ephemeralOwner, numChildren }: Stat): object => ({
  version,
  cversion,
  createdAt: ctime,
  changedAt: mtime,
  ephemeralOwner: ephemeralOwner === 0n ? null : sessionName(ephemeralOwner),
  children: numChildren,
});

const RIGHTS = [
  [1, 'r'],
  [2, 'w'],
  [4, 'c'],
  [8, 'd'],
  [16, 'a'],
] as const;

/** The ids of digests are hashes of passwords: only their user is shown. */
const aclOf = ({ scheme, id, permissions }: Acl): { scheme: string; id: string; permissions: string } => ({
  scheme,
  id: scheme === 'digest' ? `${id.split(':')[0] ?? ''}:...` : id,
  permissions: RIGHTS.filter(([bit]) => (permissions & bit) !== 0)
    .map(([, letter]) => letter)
    .join(''),
});
