import type { Fault, Server } from '../system.js';
import { everyServer, leadingServer, onServers } from './on-servers.js';

const killLeader = onServers({
  name: 'kill-zookeeper-leader',
  what: 'SIGKILL',
  choose: leadingServer,
  strike: killAndStart,
});

/** The leader's connections stay open, and it sends nothing. */
const pauseLeader = onServers({
  name: 'pause-zookeeper-leader',
  what: 'SIGSTOP',
  choose: leadingServer,
  async strike(servers) {
    await each(servers, (server) => server.stop('SIGSTOP'));
    return () => each(servers, (server) => server.stop('SIGCONT'));
  },
});

const killAll = onServers({
  name: 'kill-all-zookeepers',
  what: 'SIGKILL of all at once',
  choose: everyServer,
  strike: killAndStart,
});

/** Every server is stopped in order and started again, one after the other, each when the one before it serves. */
const rollingRestart = onServers({
  name: 'restart-zookeepers',
  what: 'SIGTERM and start, one by one',
  lastsMs: 0,
  choose: everyServer,
  async strike(servers) {
    const done = restartInTurn(servers);
    // `end` awaits `done` and gets its error. Until then an error must not be an unhandled rejection.
    done.catch(() => undefined);
    return () => done;
  },
});

/** Returns a function that starts the servers and resolves when they serve again. */
async function killAndStart(servers: readonly Server[]): Promise<() => Promise<void>> {
  await each(servers, (server) => server.stop('SIGKILL'));
  return async () => {
    await each(servers, (server) => server.start());
    await each(servers, (server) => server.ready());
  };
}

async function each(servers: readonly Server[], act: (server: Server) => Promise<void>): Promise<void> {
  await Promise.all(servers.map(act));
}

async function restartInTurn(servers: readonly Server[]): Promise<void> {
  for (const server of servers) {
    await server.stop('SIGTERM');
    await server.start();
    await server.ready();
  }
}

export const zooKeeperFaults: readonly Fault[] = [killLeader, pauseLeader, killAll, rollingRestart];
