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
}

const TICK_MS = 500;
const HEAP_MB = 2_048;

/** Servers of this run's own on loopback, with fsync, new ones each time. */
export function ownServers(options: PlaceOptions): Venue {
  return {
    sizes: [1, 3],
    async on(servers, work) {
      const folder = await serviceFolder('zookeeper');
      const javaArguments = options.effort.form === 'check' ? SHORT_LIVED_JVM : [];
      const settings = { dataDir: folder.path, tickTimeMs: TICK_MS, heapMb: HEAP_MB, javaArguments };
      const ensemble = servers === 1 ? await startZooKeeper(settings) : await startEnsemble({ ...settings, servers });
      try {
        return await inPlace(ensemble.connect, options, work);
      } finally {
        await ensemble.stop();
        await folder.remove();
      }
    },
  };
}

/** `connect`: `host:port,...` without a chroot. */
export function givenServers(connect: string, options: PlaceOptions): Venue {
  return { sizes: [connect.split(',').length], on: (_servers, work) => inPlace(connect, options, work) };
}

/** The version in the answer to `srvr`. */
export async function zooKeeperVersion(servers: string): Promise<string> {
  const [host = '', port = ''] = (servers.split(',')[0] ?? '').split(':');
  // Over TLS there are no four-letter words, and elsewhere they may be forbidden.
  const answer = await askFourLetterWord('srvr', { host, port: Number(port) }).catch(() => '');
  return `ZooKeeper ${/version: ([\d.]+)/.exec(answer)?.[1] ?? 'of an unknown version'}`;
}
