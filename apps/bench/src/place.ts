import { isZooKeeperError, type ZooKeeper } from '@drover/zookeeper';
import { openHandle, reached } from './ensemble-connection.js';
import type { Place } from './figures/figure.js';

/** The options that every place of one run shares. */
export type PlaceOptions = Pick<Place, 'effort' | 'program' | 'connection' | 'say'>;

let places = 0;

/** A part of an ensemble that this run has for itself: everything of it goes when the work is done. */
export async function inPlace<Result>(
  servers: string,
  { effort, program, connection, say }: PlaceOptions,
  work: (place: Place) => Promise<Result>,
): Promise<Result> {
  const base = `/drover-bench-${Date.now().toString(36)}-${++places}`;
  let chroots = 0;
  const place: Place = {
    servers,
    serverCount: servers.split(',').length,
    connection,
    effort,
    program,
    say,
    newRoot: (name) => `${base}/${name}-${++chroots}`,
    chroot: (name) => `${servers}${place.newRoot(name)}`,
  };
  const zk = openHandle(servers, connection);
  try {
    await reached(zk, servers, connection);
    await zk.create(base);
    try {
      return await work(place);
    } finally {
      await removeAll(zk, base);
    }
  } finally {
    await zk.close();
  }
}

/** Children first; some of what is there may go by itself meanwhile. */
async function removeAll(zk: ZooKeeper, path: string): Promise<void> {
  try {
    const children = await zk.children(path);
    await Promise.all(children.map((name) => removeAll(zk, `${path}/${name}`)));
    await zk.delete(path);
  } catch (error) {
    if (!isZooKeeperError(error, 'NO_NODE')) throw error;
  }
}
