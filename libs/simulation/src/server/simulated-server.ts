import { PacketWriter } from '@drover/zookeeper/wire';
import { Tree, type Transaction } from './tree.js';
import type { ServerConnection } from './server-connection.js';

/**
 * One server: a copy of the znodes that follows the log at its own pace, and the connections that it serves. A
 * connection reads this copy, and gets the events of its watches when a transaction is applied to it.
 */
export class SimulatedServer {
  readonly tree = new Tree();
  readonly connections = new Set<ServerConnection>();
  /** Shared by all connections: each takes its packet from the writer before another one writes. */
  readonly writer = new PacketWriter();
  /** False: the server has no connections, and refuses new ones. */
  running = true;
  #applied = 0;

  get appliedZxid(): bigint {
    return this.tree.zxid;
  }

  get appliedCount(): number {
    return this.#applied;
  }

  /** The next entry of the log. */
  apply(transaction: Transaction): void {
    this.tree.apply(transaction);
    this.#applied++;
    for (const connection of [...this.connections]) connection.applied(transaction.operations);
  }

  /** The server loses its connections; its copy of the znodes stays, as on a disk. */
  crash(): void {
    this.running = false;
    for (const connection of [...this.connections]) connection.cut();
  }

  restart(): void {
    this.running = true;
  }
}
