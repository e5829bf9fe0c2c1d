import { ancestry, LAYOUT, ROOTS, splitConnectString } from '@drover/protocol';
import { nullOn, type ZooKeeper, type ZooKeeperFactory, type ZooKeeperOptions } from '@drover/zookeeper';

/**
 * Makes the root and the fixed part of the znode tree where they are missing. Everybody does so at the start, any
 * number at a time: a create that finds its znode there is a success. Costs three reads when all is there.
 *
 * `zk` is a handle below the root; `options` those it was made with.
 */
export async function ensureLayout(zk: ZooKeeper, factory: ZooKeeperFactory, options: ZooKeeperOptions): Promise<void> {
  let missing = await missingZnodes(zk);
  if (missing === null) {
    await createRoot(factory, options);
    missing = LAYOUT;
  }
  // Requests of one handle are applied in order: parents are there before their children.
  await Promise.all(missing.map((path) => nullOn(zk.create(path), 'NODE_EXISTS')));
}

/** `null`: there is not even the root. */
async function missingZnodes(zk: ZooKeeper): Promise<readonly string[] | null> {
  const parents = ['/', ROOTS.tasks, ROOTS.keys];
  const listings = await Promise.all(parents.map((path) => nullOn(zk.children(path), 'NO_NODE')));
  if (listings[0] === null) return null;
  const found = new Set<string>();
  listings.forEach((names, i) => {
    const prefix = parents[i] === '/' ? '' : (parents[i] ?? '');
    for (const name of names ?? []) found.add(`${prefix}/${name}`);
  });
  return LAYOUT.filter((path) => !found.has(path));
}

/** The chroot itself can only be made from outside: by a handle of its own. */
async function createRoot(factory: ZooKeeperFactory, options: ZooKeeperOptions): Promise<void> {
  const { hosts, root } = splitConnectString(options.connect);
  const zk = factory({ ...options, connect: hosts });
  try {
    await zk.connected();
    for (const path of ancestry(root)) await nullOn(zk.create(path), 'NODE_EXISTS');
  } finally {
    await zk.close();
  }
}
