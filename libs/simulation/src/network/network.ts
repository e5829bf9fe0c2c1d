import type { Runtime } from '@drover/runtime';
import { ProtocolClient, type Transport, type ZooKeeperFactory } from '@drover/zookeeper';
import type { Ensemble } from '../server/ensemble.js';
import { SimulatedConnection, type Link, type Way } from './simulated-connection.js';

export interface NetworkOptions {
  /** Time and chance of the network. */
  runtime: Runtime;
  ensemble: Ensemble;
  /** The least and the most time that a message takes, in milliseconds. Default 0.1 to 1. */
  delayMs?: readonly [number, number];
  /** Called when data arrives at the process; must call `happen`. Default: at once. */
  arrive?: (happen: () => void) => void;
  /** The name of the process, which servers note with its sessions. */
  owner?: string;
  /** As the option of `ProtocolClient`. */
  onCallerError?: (error: unknown) => void;
}

const atOnce = (happen: () => void): void => happen();

/** The network between one process and the servers. The faults of a simulation act upon it. */
export class Network {
  readonly #options: NetworkOptions;
  readonly #connections = new Set<SimulatedConnection>();
  readonly #link: Link;
  readonly #handles: ProtocolClient[] = [];
  /** The last handle with a chroot: the handle that only creates the root does not count. */
  #last: ProtocolClient | null = null;
  delayMs: readonly [number, number];
  #tearsNext = false;
  #isClosed = false;
  #blocked: Record<Way, boolean> = { toServer: false, toClient: false };

  constructor(options: NetworkOptions) {
    const { runtime, delayMs = [0.1, 1], arrive = atOnce, owner = '' } = options;
    this.#options = options;
    this.delayMs = delayMs;
    this.#link = {
      owner,
      delayMs: () => this.delayMs[0] + runtime.random() * (this.delayMs[1] - this.delayMs[0]),
      isBlocked: (way) => this.#blocked[way],
      tears: () => this.#takeTear(),
      arrive,
      ended: (connection) => void this.#connections.delete(connection),
    };
  }

  /** The real client, over this network. Servers are `zk:1`, `zk:2`, ... */
  get factory(): ZooKeeperFactory {
    const { onCallerError } = this.#options;
    return (options) => {
      const handle = new ProtocolClient({
        ...options,
        transport: this.#transport,
        resolve: () => Promise.resolve(['simulated']),
        ...(onCallerError === undefined ? {} : { onCallerError }),
      });
      this.#handles.push(handle);
      if (options.connect.includes('/')) this.#last = handle;
      return handle;
    };
  }

  /** Ids of the sessions of all handles that were made here; 0n: the handle has none yet. */
  get sessionIds(): bigint[] {
    return this.#handles.map(({ sessionId }) => sessionId);
  }

  /** Id of the session that the process works with; 0n: there is none. */
  get sessionId(): bigint {
    return this.#last?.sessionId ?? 0n;
  }

  /** All its connections break. */
  cut(): void {
    for (const connection of [...this.#connections]) connection.cut();
  }

  /** The process has died: the operating system closes its sockets, and no new ones are opened. */
  close(): void {
    this.#isClosed = true;
    for (const connection of [...this.#connections]) connection.destroy();
  }

  /** The next packet to the process breaks off in the middle. */
  tear(): void {
    this.#tearsNext = true;
  }

  /** Nothing gets through any more, in these directions only. */
  block(ways: Record<Way, boolean>): void {
    this.#blocked = { ...ways };
    for (const connection of [...this.#connections]) connection.unblock();
  }

  #takeTear(): boolean {
    const tears = this.#tearsNext;
    this.#tearsNext = false;
    return tears;
  }

  readonly #transport: Transport = (address, _tls, listener) => {
    const { runtime, ensemble } = this.#options;
    const connection = new SimulatedConnection(runtime, this.#link, address, listener);
    if (this.#isClosed) return connection;
    this.#connections.add(connection);
    connection.open((client) => ensemble.connect(address.port - 1, client));
    return connection;
  };
}
