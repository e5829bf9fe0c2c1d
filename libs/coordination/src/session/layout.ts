import type { RecordError } from '@drover/core';
import { ancestry, encodeRecord, LAYOUT, ROOTS, splitConnectString } from '@drover/protocol';
import {
  isZooKeeperError,
  nullOn,
  type ZooKeeper,
  type ZooKeeperFactory,
  type ZooKeeperOptions,
} from '@drover/zookeeper';
import { aclOf, hasCredentials, isOpenToWorld, modeOf, notOurs, type RootMode } from './root-access.js';

export interface RootContext {
  /** A handle below the root. */
  zk: ZooKeeper;
  factory: ZooKeeperFactory;
  /** The options of the handle. */
  options: ZooKeeperOptions;
  /** Called with an invalid record of the root. */
  invalid?: (error: RecordError) => void;
}

/** The part of a root that exists. */
interface Found {
  /** `null`: nothing is recorded. */
  mode: RootMode | null;
  version: number;
  missing: readonly string[];
}

/** The mode of a root that Drover uses; `null`: it was never used. Only reads. Rejects as `ensureLayout`. */
export async function lookAtRoot(context: RootContext): Promise<RootMode | null> {
  const found = await find(context);
  return found === null || found.missing.includes(ROOTS.tasks) ? null : admitted(found.mode ?? 'open', context);
}

/**
 * Makes the root and the fixed part of the znode tree where they are missing. Schedulers and workers do so at the
 * start, clients before they first write, any number at a time: a create that finds its znode there is a success, and
 * the mode of the root is decided by one create or one `set` at a version. Costs five reads when all is there.
 *
 * Rejects with `NO_AUTH` where the root belongs to others.
 */
export async function ensureLayout(context: RootContext): Promise<RootMode> {
  for (;;) {
    const found = await find(context);
    if (found === null) await createRoot(context);
    else if (found.mode === null && found.missing.length === LAYOUT.length) await recordMode(context, found.version);
    else return complete(context, found);
  }
}

/** `null`: the root does not exist. */
async function find({ zk, invalid = () => undefined }: RootContext): Promise<Found | null> {
  const parents = ['/', ROOTS.tasks, ROOTS.keys, ROOTS.access];
  const listings = Promise.all(parents.map((path) => nullOn(zk.children(path), 'NO_NODE')));
  try {
    const [root, [top, ...below]] = await Promise.all([nullOn(zk.get('/'), 'NO_NODE'), listings]);
    if (root === null || top === null || top === undefined) return null;
    const found = new Set<string>();
    [top, ...below].forEach((names, i) => {
      const prefix = parents[i] === '/' ? '' : (parents[i] ?? '');
      for (const name of names ?? []) found.add(`${prefix}/${name}`);
    });
    const missing = LAYOUT.filter((path) => !found.has(path));
    return { mode: modeOf(root, invalid), version: root.stat.version, missing };
  } catch (error) {
    throw isZooKeeperError(error, 'NO_AUTH') ? notOurs(error) : error;
  }
}

function admitted(mode: RootMode, { options }: RootContext): RootMode {
  if (mode === 'shared' && !hasCredentials(options)) throw notOurs();
  return mode;
}

/** Requests of one handle are applied in order: parents are there before their children. */
async function complete(context: RootContext, found: Found): Promise<RootMode> {
  const { zk } = context;
  const mode = admitted(found.mode ?? 'open', context);
  const acl = aclOf(mode);
  const options = acl === undefined ? {} : { acl };
  await Promise.all(found.missing.map((path) => nullOn(zk.create(path, '', options), 'NODE_EXISTS')));
  // The process that recorded the mode of an existing root may have died before it closed the root itself.
  if (acl !== undefined && isOpenToWorld((await zk.acl('/')).acl)) await zk.setAcl('/', acl);
  return mode;
}

const modeFor = ({ options }: RootContext): RootMode => (hasCredentials(options) ? 'shared' : 'open');

/**
 * Records the mode in an empty root that somebody else created. Of two processes the second reads the first one's
 * record.
 */
async function recordMode(context: RootContext, version: number): Promise<void> {
  const record = encodeRecord('root', { acl: modeFor(context) });
  await nullOn(context.zk.set('/', record, version), 'BAD_VERSION', 'NO_NODE');
}

/** Creates the chroot itself, by a handle of its own without a chroot. */
async function createRoot(context: RootContext): Promise<void> {
  const { factory, options } = context;
  const { hosts, root } = splitConnectString(options.connect);
  const mode = modeFor(context);
  const acl = aclOf(mode);
  const zk = factory({ ...options, connect: hosts });
  try {
    await zk.connected();
    const parents = ancestry(root).slice(0, -1);
    for (const path of parents) await nullOn(zk.create(path), 'NODE_EXISTS');
    const record = encodeRecord('root', { acl: mode });
    await nullOn(zk.create(root, record, acl === undefined ? {} : { acl }), 'NODE_EXISTS');
  } finally {
    await zk.close();
  }
}
