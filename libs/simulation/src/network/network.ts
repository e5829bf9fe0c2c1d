import type { Runtime } from '@drover/runtime';
import { ProtocolClient, type Transport, type ZooKeeperFactory } from '@drover/zookeeper';
import type { Ensemble } from '../server/ensemble.js';
import { SimulatedConnection, type Link } from './simulated-connection.js';

/** Between one process and the servers: what the faults of a simulation act upon. */
export class Network {
  readonly #runtime: Runtime;
  readonly #ensemble: Ensemble;
  readonly #delayMs: readonly [number, number];
  readonly #connections = new Set<SimulatedConnection>();
  readonly drops = { toServer: false, toClient: false };

  constructor(runtime: Runtime, ensemble: Ensemble, delayMs: readonly [number, number] = [0.1, 1]) {
    this.#runtime = runtime;
    this.#ensemble = ensemble;
    this.#delayMs = delayMs;
  }

  /** The real client, over this network. Servers are `zk:1`, `zk:2`, ... */
  get factory(): ZooKeeperFactory {
    return (options) =>
      new ProtocolClient({ ...options, transport: this.#transport, resolve: () => Promise.resolve(['simulated']) });
  }

  /** All its connections break. */
  cut(): void {
    for (const connection of [...this.#connections]) connection.cut();
  }

  readonly #transport: Transport = (address, _tls, listener) => {
    const [min, max] = this.#delayMs;
    const link: Link = { delayMs: () => min + this.#runtime.random() * (max - min), drops: this.drops };
    const connection = new SimulatedConnection(this.#runtime, link, address, listener, (ended) => {
      this.#connections.delete(ended);
    });
    this.#connections.add(connection);
    connection.open((client) => this.#ensemble.connect(address.port - 1, client));
    return connection;
  };
}
