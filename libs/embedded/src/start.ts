import { resolve } from 'node:path';
import { systemRuntime } from '@drover/runtime';
import { PortTakenError, ZooKeeperStartError } from './errors.js';
import { findFreePorts, isFree } from './free-port.js';
import { obtainToolchain, type Toolchain } from './obtain.js';
import { makeServer, type CommonOptions } from './make-server.js';
import type { ServerProcess, ZooKeeperServer } from './server-process.js';
import type { EnsembleMember, TlsSettings } from './server-settings.js';

/** The number of tries with other ports when another process was quicker. */
const PORT_ATTEMPTS = 5;

export interface StartZooKeeperOptions extends CommonOptions {
  /** 0 or absent: a free one. */
  readonly port?: number;
  /** A TLS port beside the plain one; 0: a free one. Needs `tls`. */
  readonly secureClientPort?: number;
  readonly tls?: TlsSettings;
}

/**
 * Starts one ZooKeeper server on 127.0.0.1 and resolves when it serves. It ends with this process, however that ends.
 * Throws `PortTakenError` when somebody listens on `port`, `ZooKeeperStartError` with the end of the server's log.
 */
export async function startZooKeeper(options: StartZooKeeperOptions): Promise<ZooKeeperServer> {
  const toolchain = options.toolchain ?? (await obtainToolchain());
  const fixedPort = Boolean(options.port);
  // Otherwise another server on that port could answer as if it were this one, until this one fails to bind.
  if (options.port && !(await isFree(options.port))) throw new PortTakenError(options.port);
  for (let attempt = 1; ; attempt++) {
    const server = await buildServer(options, toolchain);
    try {
      await server.launch();
      await server.ready();
      return server;
    } catch (error) {
      await server.kill();
      const retry = isPortTaken(error) && !fixedPort && attempt < PORT_ATTEMPTS;
      if (!retry) throw error;
    }
  }
}

async function buildServer(options: StartZooKeeperOptions, toolchain: Toolchain): Promise<ServerProcess> {
  const { runtime = systemRuntime, tls, secureClientPort } = options;
  if ((tls === undefined) !== (secureClientPort === undefined)) {
    throw new TypeError('secureClientPort and tls belong together: give both, or neither');
  }
  const [freePort, freeSecurePort] = (await findFreePorts(2, runtime)) as [number, number];
  return makeServer(options, toolchain, {
    dataDir: resolve(options.dataDir),
    port: options.port || freePort,
    secureClientPort: secureClientPort === undefined ? undefined : secureClientPort || freeSecurePort,
    tls,
    members: [],
  });
}

export interface StartEnsembleOptions extends CommonOptions {
  /** How many; default 3. */
  readonly servers?: number;
}

export interface ZooKeeperEnsemble {
  /** The addresses of all members, comma-separated. */
  readonly connect: string;
  /** The servers in the order of `connect`; each can be killed, paused and restarted on its own. */
  readonly servers: readonly ZooKeeperServer[];
  /** The member that leads now; undefined while there is none. */
  leader(): Promise<ZooKeeperServer | undefined>;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

/**
 * Starts a replicated ensemble on 127.0.0.1, member `n` in `<dataDir>/<n>`, and resolves when every member serves.
 * Throws `ZooKeeperStartError`; nothing keeps running then.
 */
export async function startEnsemble(options: StartEnsembleOptions): Promise<ZooKeeperEnsemble> {
  const toolchain = options.toolchain ?? (await obtainToolchain());
  for (let attempt = 1; ; attempt++) {
    const servers = await buildMembers(options, toolchain);
    try {
      await Promise.all(servers.map((server) => server.launch()));
      await Promise.all(servers.map((server) => server.ready()));
      return ensembleOf(servers);
    } catch (error) {
      await Promise.all(servers.map((server) => server.kill()));
      if (!isPortTaken(error) || attempt >= PORT_ATTEMPTS) throw error;
    }
  }
}

async function buildMembers(options: StartEnsembleOptions, toolchain: Toolchain): Promise<ServerProcess[]> {
  const { runtime = systemRuntime, servers: count = 3 } = options;
  const ports = await findFreePorts(3 * count, runtime);
  const members = Array.from({ length: count }, (_, index): EnsembleMember & { port: number } => {
    const [port, quorumPort, electionPort] = ports.slice(3 * index) as [number, number, number];
    return { id: index + 1, port, quorumPort, electionPort };
  });
  return members.map(({ id, port }) =>
    makeServer(options, toolchain, { dataDir: resolve(options.dataDir, String(id)), port, members, memberId: id }),
  );
}

function isPortTaken(error: unknown): boolean {
  return error instanceof ZooKeeperStartError && error.portTaken;
}

function ensembleOf(servers: readonly ServerProcess[]): ZooKeeperEnsemble {
  return {
    connect: servers.map((server) => server.connect).join(','),
    servers,
    async leader() {
      const modes = await Promise.all(servers.map((server) => server.mode()));
      return servers[modes.indexOf('leader')];
    },
    async stop() {
      await Promise.all(servers.map((server) => server.stop()));
    },
    async kill() {
      await Promise.all(servers.map((server) => server.kill()));
    },
  };
}
