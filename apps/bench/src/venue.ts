import { askFourLetterWord, SHORT_LIVED_JVM, startEnsemble, startZooKeeper } from '@drover/embedded';
import type { Place } from './figures/figure.js';
import { inPlace, type PlaceOptions } from './place.js';
import { serviceFolder } from './services/folder.js';

/** The servers of the parts of a run. */
export interface Venue {
  /** The sizes of ensemble that there are. */
  sizes: readonly number[];
  /** Work on an ensemble of that size; nothing of it is left behind. */
  on: <Result>(servers: number, work: (place: Place) => Promise<Result>) => Promise<Result>;
  /** Stops the servers that the venue has started. */
  close: () => Promise<void>;
}

const TICK_MS = 500;
const HEAP_MB = 2_048;

interface Started {
  connect: string;
  stop: () => Promise<void>;
}

/**
 * Servers of this run's own on loopback, with fsync. Each work has new ones, which nothing before has filled or warmed
 * up; in the form `check`, which measures nothing, all works share one ensemble of each size.
 */
export function ownServers(options: PlaceOptions): Venue {
  const isShared = options.effort.form === 'check';
  const kept = new Map<number, Promise<Started>>();
  const shared = (servers: number): Promise<Started> => {
    const started = kept.get(servers) ?? start(servers, SHORT_LIVED_JVM);
    kept.set(servers, started);
    return started;
  };
  return {
    sizes: [1, 3],
    async on(servers, work) {
      if (isShared) return inPlace((await shared(servers)).connect, options, work);
      const ensemble = await start(servers, []);
      try {
        return await inPlace(ensemble.connect, options, work);
      } finally {
        await ensemble.stop();
      }
    },
    async close() {
      await Promise.all([...kept.values()].map(async (ensemble) => (await ensemble).stop()));
    },
  };
}

async function start(servers: number, javaArguments: readonly string[]): Promise<Started> {
  const folder = await serviceFolder('zookeeper');
  const settings = { dataDir: folder.path, tickTimeMs: TICK_MS, heapMb: HEAP_MB, javaArguments };
  const ensemble = servers === 1 ? await startZooKeeper(settings) : await startEnsemble({ ...settings, servers });
  return {
    connect: ensemble.connect,
    async stop() {
      await ensemble.stop();
      await folder.remove();
    },
  };
}

/** `connect`: `host:port,...` without a chroot. */
export function givenServers(connect: string, options: PlaceOptions): Venue {
  return {
    sizes: [connect.split(',').length],
    on: (_servers, work) => inPlace(connect, options, work),
    close: () => Promise.resolve(),
  };
}

/** The version in the answer to `srvr`. */
export async function zooKeeperVersion(servers: string): Promise<string> {
  const [host = '', port = ''] = (servers.split(',')[0] ?? '').split(':');
  // Over TLS there are no four-letter words, and elsewhere they may be forbidden.
  const answer = await askFourLetterWord('srvr', { host, port: Number(port) }).catch(() => '');
  return `ZooKeeper ${/version: ([\d.]+)/.exec(answer)?.[1] ?? 'of an unknown version'}`;
}
