import type { Fault, Need, Server, System } from '../system.js';
import { faultOf } from './fault-of.js';

export interface ServerFault {
  readonly name: string;
  readonly needs?: Need;
  readonly what: string;
  readonly lastsMs?: number;
  /** Which servers are the target, out of those that are free when it returns; none: there is nobody. */
  readonly choose: (system: System, random: () => number) => Promise<readonly Server[]>;
  /** Whether it needs the other servers to itself, too. */
  readonly takesAll?: boolean;
  /** Resolves with what heals. */
  readonly strike: (targets: readonly Server[], system: System) => Promise<() => Promise<void>>;
}

/** A fault that befalls servers of the ensemble. */
export function onServers(fault: ServerFault): Fault {
  const { name, what, lastsMs, takesAll = false } = fault;
  return faultOf(
    name,
    async (system, random) => {
      const targets = await fault.choose(system, random);
      const taken = takesAll ? system.topology.servers : targets;
      if (targets.length === 0 || taken.some(isTaken)) return undefined;
      return {
        target: targets.map(serverName).join(', '),
        what,
        lastsMs,
        take: () => take(name, taken),
        strike: () => fault.strike(targets, system),
      };
    },
    fault.needs,
  );
}

/** Servers that run and that no other fault has now. */
export function freeServers({ topology }: System): Server[] {
  return topology.servers.filter((server) => server.pid !== undefined && !isTaken(server));
}

/** All of them, or none when one is not free. */
export async function everyServer(system: System): Promise<readonly Server[]> {
  const free = freeServers(system);
  return free.length === system.topology.servers.length ? free : [];
}

/** The free server that leads the ensemble. */
export async function leadingServer(system: System): Promise<readonly Server[]> {
  const servers = freeServers(system);
  const states = await Promise.all(servers.map((server) => server.state()));
  // Another fault may have taken it while it was asked.
  return servers.filter((server, index) => states[index] === 'leader' && !isTaken(server));
}

export function serverName({ number }: Server): string {
  return `zookeeper-${number}`;
}

function isTaken(server: Server): boolean {
  return server.heldBy !== undefined;
}

function take(fault: string, servers: readonly Server[]): () => void {
  for (const server of servers) server.heldBy = fault;
  return () => {
    for (const server of servers) server.heldBy = undefined;
  };
}
