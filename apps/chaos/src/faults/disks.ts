import type { Fault, Server, System } from '../system.js';
import { NotNowError } from './fault-of.js';
import { freeServers, onServers } from './on-servers.js';
import { pick } from './pick.js';

/** How much longer each sync of the slow one takes. */
const SLOW_SYNC_MS = 200;

const fullDisk = onServers({
  name: 'fill-disk',
  needs: 'diskFull',
  what: 'its disk is full',
  choose: oneThatServes,
  async strike([server]) {
    await server?.diskFull(true);
    return async () => {
      await server?.diskFull(false);
      // A ZooKeeper that cannot write serves nobody; some end.
      if (server?.pid === undefined) await server?.start();
    };
  },
});

const slowDisk = onServers({
  name: 'slow-disk',
  needs: 'diskSlow',
  what: `each sync takes ${SLOW_SYNC_MS} ms longer`,
  choose: oneThatServes,
  async strike([server]) {
    try {
      await server?.diskSlow(SLOW_SYNC_MS);
    } catch (error) {
      if ((await server?.state()) !== undefined) throw error;
      throw new NotNowError('it has lost the majority a moment ago, and syncs nothing');
    }
    return async () => server?.diskSlow('off');
  },
});

/** A server that serves nobody writes nothing. */
async function oneThatServes(system: System, random: () => number): Promise<readonly Server[]> {
  const server = pick(freeServers(system), random);
  if (server === undefined || (await server.state()) === undefined) return [];
  return [server];
}

export const diskFaults: readonly Fault[] = [fullDisk, slowDisk];
