import { Tree, type Transaction } from './tree.js';
import type { ServerConnection } from './server-connection.js';

/**
 * One server: a copy of the znodes that follows the log at its own pace, and the connections that it serves. What a
 * connection reads is this copy; what it is told by watches follows from the transactions as they are applied here.
 */
export class SimulatedServer {
  readonly tree = new Tree();
  readonly connections = new Set<ServerConnection>();
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
    const changes = this.tree.apply(transaction);
    this.#applied++;
    for (const connection of [...this.connections]) connection.applied(changes);
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
