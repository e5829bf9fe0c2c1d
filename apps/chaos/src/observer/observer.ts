/**
 * Looks at ZooKeeper from outside, over connections that no fault touches, and writes samples into the history: the
 * leader (twenty times a second, and at every change), and the numbers of znodes and watches (once a second). No sample
 * is written while no server answers.
 */
import { askFourLetterWord } from '@drover/embedded';
import { inBackground, systemRuntime, uncaught } from '@drover/runtime';
import type { Sample } from '@drover/verify';
import { connectZooKeeper, isZooKeeperError, nullOn, type ZooKeeper } from '@drover/zookeeper';
import type { Journal } from '../journal.js';
import { ROOT } from '../members/roles.js';
import { pause } from '../run/pause.js';
import { monotonicMs } from '../time.js';
import { watchesIn } from './mntr.js';
import { pathsBelow } from './paths.js';

const LEADER_EVERY_MS = 50;
const SIZE_EVERY_MS = 1_000;
/** Short, so that the observer soon leaves a server that is paused; its session holds nothing that could be lost. */
const SESSION_MS = 2_000;

export class Observer {
  readonly #addresses: readonly string[];
  readonly #samples: Journal<Sample>;
  #zk: ZooKeeper;
  #timers: NodeJS.Timeout[] = [];
  #reading = false;
  #leader: string | undefined;
  #closed = false;

  /** `addresses`: `host:port` of each server. */
  constructor(addresses: readonly string[], samples: Journal<Sample>) {
    this.#addresses = addresses;
    this.#samples = samples;
    this.#zk = this.#open();
    this.#timers.push(setInterval(() => inBackground(this.#lookAtLeader(), uncaught), LEADER_EVERY_MS));
    this.#timers.push(setInterval(() => inBackground(this.size(), uncaught), SIZE_EVERY_MS));
  }

  /** The scheduler that was last seen to lead. */
  get leader(): string | undefined {
    return this.#leader;
  }

  /** Writes the numbers of znodes and watches; resolves with that of znodes, `null` when ZooKeeper does not answer. */
  async size(): Promise<number | null> {
    try {
      const [znodes, watches] = await Promise.all([this.#zk.countDescendants('/'), this.#watches()]);
      this.#samples.write({ at: monotonicMs(), znodes, ...(watches === null ? {} : { watches }) });
      return znodes;
    } catch {
      return null;
    }
  }

  /** The paths of all znodes. Tries until ZooKeeper answers; rejects with the signal's reason. */
  async paths(signal: AbortSignal): Promise<string[]> {
    for (;;) {
      try {
        return await pathsBelow(this.#zk);
      } catch (error) {
        if (!isZooKeeperError(error)) throw error;
      }
      await pause(SIZE_EVERY_MS, signal);
      signal.throwIfAborted();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    await this.#zk.close();
  }

  #open(): ZooKeeper {
    const connect = this.#addresses.join(',') + ROOT;
    const zk = connectZooKeeper({ connect, sessionTimeoutMs: SESSION_MS, runtime: systemRuntime });
    zk.onState((state) => {
      if (state === 'expired' && !this.#closed) this.#zk = this.#open();
    });
    const look = (): void => inBackground(this.#lookAtLeader(), uncaught);
    // The watch fails when its session ends, and is set again in the next session.
    zk.watch('/leader', 'persistent', { event: look, reset: look }).catch(() => undefined);
    return zk;
  }

  /** Returns at once while another look is under way: a later change calls this again. */
  async #lookAtLeader(): Promise<void> {
    if (this.#reading || this.#closed) return;
    this.#reading = true;
    try {
      const znode = await nullOn(this.#zk.get('/leader'), 'NO_NODE');
      if (znode === null) {
        this.#samples.write({ at: monotonicMs(), leader: null });
        return;
      }
      const { id, epoch } = JSON.parse(znode.data.toString('utf8')) as { id: string; epoch: number };
      this.#leader = id;
      this.#samples.write({ at: monotonicMs(), leader: id, epoch });
    } catch {
      // No sample is written without an answer.
    } finally {
      this.#reading = false;
    }
  }

  /** The number of watches at all servers together; `null` when one does not answer. */
  async #watches(): Promise<number | null> {
    const counts = await Promise.all(this.#addresses.map(watchesAt));
    return counts.every((count) => count !== null) ? counts.reduce((sum, count) => sum + count, 0) : null;
  }
}

async function watchesAt(address: string): Promise<number | null> {
  const at = address.lastIndexOf(':');
  const endpoint = { host: address.slice(0, at), port: Number(address.slice(at + 1)) };
  return askFourLetterWord('mntr', endpoint).then(watchesIn, () => null);
}
