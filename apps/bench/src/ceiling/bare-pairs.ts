import type { Place } from '../figures/figure.js';
import { BareConnection } from './bare-connection.js';

/** About the size of a result, and of a batch with its assignment. */
const DATA = 'x'.repeat(300);

/**
 * Two transactions in a row, as a step and the next one need: a worker's connection creates a znode, and when that is durable a
 * leader's connection creates two more in one transaction. Nothing is sooner on this ensemble.
 */
export class BarePairs {
  readonly #worker: BareConnection;
  readonly #leader: BareConnection;
  readonly #root: string;
  #made = 0;

  private constructor(worker: BareConnection, leader: BareConnection, root: string) {
    this.#worker = worker;
    this.#leader = leader;
    this.#root = root;
  }

  /** `root`: of which the parent exists. */
  static async open({ servers, connection }: Pick<Place, 'servers' | 'connection'>, root: string): Promise<BarePairs> {
    const all = servers.split(',');
    const server = (n: number): string => all[n % all.length] ?? '';
    const leader = await BareConnection.open(server(0), connection);
    await leader.create(root);
    return new BarePairs(await BareConnection.open(server(1), connection), leader, root);
  }

  /** Milliseconds of each pair, one pair after the other. */
  async times(count: number): Promise<number[]> {
    const times: number[] = [];
    for (let n = 0; n < count; n++) {
      const path = `${this.#root}/p${this.#made++}`;
      const begunAt = performance.now();
      await this.#worker.create(`${path}-result`, DATA);
      await this.#leader.multi([
        { op: 'create', path: `${path}-batch`, data: DATA },
        { op: 'create', path: `${path}-assignment`, data: DATA },
      ]);
      times.push(performance.now() - begunAt);
    }
    return times;
  }

  close(): void {
    this.#worker.close();
    this.#leader.close();
  }
}
