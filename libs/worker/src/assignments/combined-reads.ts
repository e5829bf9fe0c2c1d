import type { Runtime } from '@drover/runtime';
import type { ReadResult, Znode, ZooKeeper } from '@drover/zookeeper';

interface Read {
  path: string;
  resolve: (znode: Znode) => void;
  reject: (error: unknown) => void;
}

/**
 * Reads of znodes that are asked for in one turn of the event loop go to ZooKeeper in one request: a leader that hands out
 * many small assignments makes many events at once, and a request costs more than what it reads. The reads keep their
 * order, and each one ends by itself: a znode that is not there fails no other. `most`: reads of one request.
 */
export class CombinedReads {
  readonly #zk: ZooKeeper;
  readonly #runtime: Runtime;
  readonly #most: number;
  #waiting: Read[] = [];

  constructor(zk: ZooKeeper, runtime: Runtime, most: number) {
    this.#zk = zk;
    this.#runtime = runtime;
    this.#most = most;
  }

  /** Rejects as `ZooKeeper.get`. */
  get(path: string): Promise<Znode> {
    if (!this.#zk.capabilities.multiRead) return this.#zk.get(path);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ path, resolve, reject });
      if (this.#waiting.length === 1) this.#runtime.soon(() => this.#send());
    });
  }

  #send(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let at = 0; at < waiting.length; at += this.#most) this.#request(waiting.slice(at, at + this.#most));
  }

  #request(reads: readonly Read[]): void {
    const [first] = reads;
    if (first === undefined) return;
    if (reads.length === 1) return void this.#zk.get(first.path).then(first.resolve, first.reject);
    this.#zk.multiRead(reads.map(({ path }) => ({ op: 'get', path }))).then(
      (results) => results.forEach((result, at) => settle(reads[at], result)),
      (error: unknown) => reads.forEach(({ reject }) => reject(error)),
    );
  }
}

function settle(read: Read | undefined, result: ReadResult): void {
  if (result.op === 'get') read?.resolve(result.znode);
  else if (result.op === 'error') read?.reject(result.error);
}
