import { ensembleServer, findFreePorts, type EnsembleMember } from '@drover/embedded';
import { systemRuntime } from '@drover/runtime';
import { ByteProxy, type BlackHole, type ProxyTarget } from '@drover/testing';
import type { Direction } from '../../system.js';
import { flowsBetween } from '../flows.js';
import type { Wiring } from '../home.js';
import { EnsembleServer } from '../server.js';
import type { Grounds, GroundsOptions } from '../topology.js';
import { withoutAddress } from './election-opening.js';

const LOOPBACK = '127.0.0.1';

interface Ports {
  readonly client: number;
  readonly quorum: number;
  readonly election: number;
}

/** A way from one to another through proxies, which are black holes in one direction or in both. */
interface Way {
  readonly from: string;
  readonly to: string;
  readonly proxies: readonly ByteProxy[];
}

/**
 * Everything at 127.0.0.1, and a proxy on every way: one from each home to each server, and two from each server to each
 * other one, because each has its own view of where the others' quorum and election ports are.
 */
export class ProxyGrounds implements Grounds {
  readonly kind = 'proxies';
  readonly servers: EnsembleServer[] = [];
  readonly diskFullMissing = 'behind proxies no server has a disk of its own: that needs mount namespaces';
  readonly #ways: Way[] = [];
  #cuts: { from: string; to: string }[] = [];
  #ports: Ports[] = [];
  #homes = 0;

  /** Starts no server yet. */
  static async create(options: GroundsOptions): Promise<ProxyGrounds> {
    const grounds = new ProxyGrounds();
    try {
      const ports = await findFreePorts(3 * options.servers, systemRuntime);
      grounds.#ports = Array.from({ length: options.servers }, (_, index) => {
        const [client, quorum, election] = ports.slice(3 * index) as [number, number, number];
        return { client, quorum, election };
      });
      for (let number = 1; number <= options.servers; number++) await grounds.#addServer(number, options);
    } catch (error) {
      await grounds.close();
      throw error;
    }
    return grounds;
  }

  async wire(): Promise<Wiring> {
    const name = `home ${++this.#homes}`;
    const [port] = await findFreePorts(1, systemRuntime);
    const ways = await Promise.all(
      this.#ports.map(({ client }, index) =>
        this.#way(name, serverName(index + 1), [{ host: LOOPBACK, port: client }]),
      ),
    );
    return {
      connectString: ways.map((way) => `${LOOPBACK}:${way.proxies[0]?.port}`).join(','),
      listen: `${LOOPBACK}:${port}`,
      prefix: [],
      cut: async (direction, server) => {
        const numbers = server === undefined ? this.servers.map(({ number }) => number) : [server];
        this.#cut(numbers.flatMap((number) => flowsBetween(name, serverName(number), direction)));
      },
      heal: async () => this.#heal(({ from, to }) => from === name || to === name),
      close: async () => {
        await Promise.all(ways.flatMap((way) => way.proxies).map((proxy) => proxy.stop()));
      },
    };
  }

  async cutServers(a: number, b: number, direction: Direction): Promise<void> {
    this.#cut(flowsBetween(serverName(a), serverName(b), direction));
  }

  async healServers(): Promise<void> {
    const names = this.servers.map(({ number }) => serverName(number));
    this.#heal(({ from, to }) => names.includes(from) && names.includes(to));
  }

  async close(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.close()));
    await Promise.all(this.#ways.flatMap((way) => way.proxies).map((proxy) => proxy.stop()));
  }
  #cut(flows: readonly { from: string; to: string }[]): void {
    this.#cuts.push(...flows);
    this.#apply();
  }

  #heal(chosen: (flow: { from: string; to: string }) => boolean): void {
    this.#cuts = this.#cuts.filter((flow) => !chosen(flow));
    this.#apply();
  }

  #apply(): void {
    const isCut = (from: string, to: string) => this.#cuts.some((flow) => flow.from === from && flow.to === to);
    for (const { from, to, proxies } of this.#ways) {
      const kind = blackHole(isCut(from, to), isCut(to, from));
      for (const proxy of proxies) proxy.blackHole(kind);
    }
  }

  async #way(from: string, to: string, targets: readonly ProxyTarget[]): Promise<Way> {
    const way = { from, to, proxies: await Promise.all(targets.map((target) => ByteProxy.start(target))) };
    this.#ways.push(way);
    return way;
  }

  async #addServer(number: number, options: GroundsOptions): Promise<void> {
    const { folder, toolchain, tickMs, heapMb, javaArguments } = options;
    const client = this.#portsOf(number).client;
    const process = await ensembleServer({
      dataDir: `${folder}/zookeeper-${number}`,
      memberId: number,
      port: client,
      members: await this.#viewOf(number),
      toolchain,
      tickTimeMs: tickMs,
      heapMb,
      javaArguments,
    });
    this.servers.push(new EnsembleServer(number, process, `${LOOPBACK}:${client}`, this.diskFullMissing));
  }

  /** Itself where it listens, the others behind proxies of its own. */
  #viewOf(viewer: number): Promise<EnsembleMember[]> {
    return Promise.all(
      this.#ports.map(async ({ quorum, election }, index) => {
        const id = index + 1;
        if (id === viewer) return { id, quorumPort: quorum, electionPort: election };
        const way = await this.#way(serverName(viewer), serverName(id), [
          { host: LOOPBACK, port: quorum },
          { host: LOOPBACK, port: election, opening: withoutAddress },
        ]);
        const [toQuorum, toElection] = way.proxies as [ByteProxy, ByteProxy];
        return { id, quorumPort: toQuorum.port, electionPort: toElection.port };
      }),
    );
  }

  #portsOf(number: number): Ports {
    return this.#ports[number - 1] as Ports;
  }
}

function blackHole(toServer: boolean, toClient: boolean): BlackHole {
  if (toServer) return toClient ? 'both' : 'to-server';
  return toClient ? 'to-client' : 'none';
}

function serverName(number: number): string {
  return `zookeeper-${number}`;
}
