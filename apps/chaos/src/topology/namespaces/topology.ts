import { ensembleServer } from '@drover/embedded';
import { messageOf } from '@drover/runtime';
import type { Direction } from '../../system.js';
import { Disk } from '../disk.js';
import { flowsBetween } from '../flows.js';
import type { Wiring } from '../home.js';
import { EnsembleServer } from '../server.js';
import type { Grounds, GroundsOptions } from '../topology.js';
import { Network, type Node } from './network.js';

const CLIENT_PORT = 2181;
const QUORUM_PORT = 2888;
const ELECTION_PORT = 3888;
/** Of the processes in homes: each has an address of its own. */
const HOME_PORT = 7373;

/** Every server and every home in a network namespace of its own. */
export class NamespaceGrounds implements Grounds {
  readonly kind = 'namespaces';
  readonly servers: EnsembleServer[] = [];
  diskFullMissing: string | undefined;
  readonly #network: Network;
  readonly #options: GroundsOptions;
  #homes = 0;

  private constructor(network: Network, options: GroundsOptions) {
    this.#network = network;
    this.#options = options;
  }

  /** Starts no server yet. Throws what the system says where it does not allow namespaces; nothing is left then. */
  static async create(options: GroundsOptions): Promise<NamespaceGrounds> {
    const grounds = new NamespaceGrounds(await Network.create(), options);
    try {
      for (let number = 1; number <= options.servers; number++) await grounds.#addServer(number);
    } catch (error) {
      await grounds.close();
      throw error;
    }
    return grounds;
  }

  async wire(): Promise<Wiring> {
    const address = `198.18.1.${++this.#homes}`;
    const node = await this.#network.add(address, { mounts: false });
    return {
      connectString: this.servers.map(({ number }) => `${serverAddress(number)}:${CLIENT_PORT}`).join(','),
      listen: `${address}:${HOME_PORT}`,
      prefix: node.namespace.prefix,
      cut: (direction, server) => {
        const numbers = server === undefined ? this.servers.map(({ number }) => number) : [server];
        return this.#network.cut(numbers.flatMap((number) => flowsBetween(address, serverAddress(number), direction)));
      },
      heal: () => this.#network.heal((from, to) => from === address || to === address),
      close: () => this.#network.remove(node),
    };
  }

  cutServers(a: number, b: number, direction: Direction): Promise<void> {
    return this.#network.cut(flowsBetween(serverAddress(a), serverAddress(b), direction));
  }

  healServers(): Promise<void> {
    const addresses = this.servers.map(({ number }) => serverAddress(number));
    return this.#network.heal((from, to) => addresses.includes(from) && addresses.includes(to));
  }

  async close(): Promise<void> {
    try {
      await Promise.all(this.servers.map((server) => server.close()));
    } finally {
      await this.#network.close();
    }
  }

  async #addServer(number: number): Promise<void> {
    const { folder, servers: count, toolchain, tickMs, heapMb, javaArguments } = this.#options;
    const host = serverAddress(number);
    const node = await this.#network.add(host, { mounts: true });
    const dataDir = `${folder}/zookeeper-${number}`;
    const disk = await this.#mount(node, dataDir, number);
    const reachAt = await this.#network.door({ host, port: CLIENT_PORT });
    const process = await ensembleServer({
      dataDir,
      memberId: number,
      host,
      port: CLIENT_PORT,
      members: Array.from({ length: count }, (_, index) => ({
        id: index + 1,
        host: serverAddress(index + 1),
        quorumPort: QUORUM_PORT,
        electionPort: ELECTION_PORT,
      })),
      prefix: node.namespace.prefix,
      reachAt,
      toolchain,
      tickTimeMs: tickMs,
      heapMb,
      javaArguments,
    });
    this.servers.push(new EnsembleServer(number, process, `${reachAt.host}:${reachAt.port}`, disk));
  }

  async #mount(node: Node, dataDir: string, number: number): Promise<Disk | string> {
    try {
      return await Disk.mount(node.namespace, dataDir, number);
    } catch (error) {
      return (this.diskFullMissing = messageOf(error));
    }
  }
}

function serverAddress(number: number): string {
  return `198.18.0.${number}`;
}
