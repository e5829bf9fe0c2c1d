import { PacketWriter } from '@drover/zookeeper/wire';
import { Tree, type Transaction } from './tree.js';
import type { ServerConnection } from './server-connection.js';

/**
 * One server: a copy of the znodes that follows the log at its own pace, and the connections that it serves. What a
 * connection reads is this copy; what it is told by watches follows from the transactions as they are applied here.
 */
export class SimulatedServer {
  readonly tree = new Tree();
  readonly connections = new Set<ServerConnection>();
  /** For all of them: each takes what it has written before anybody else writes. */
  readonly writer = new PacketWriter();
  /** False: it refuses connections, and has none. */
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

  /** Loses its connections; the copy of the znodes stays, as it would on the disk. */
  crash(): void {
    this.running = false;
    for (const connection of [...this.connections]) connection.cut();
  }

  restart(): void {
    this.running = true;
  }
}
