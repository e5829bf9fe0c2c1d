/**
 * The systems that are compared take tasks from one client, run them in another process and give every result back to
 * the client. All of them get the same work: a payload of about 100 bytes, a result that is the task's number.
 */
export interface Payload {
  i: number;
  text: string;
}

export const TEXT = 'a payload of about one hundred bytes, as tasks have: a path, a size, and a name';
export const payload = (i: number): Payload => ({ i, text: TEXT });

export interface System {
  /** Submits `count` tasks as fast as it can and resolves when the result of each has been read; checks them. */
  bulk(count: number): Promise<void>;
  /** Submits one task and resolves when its result was read. */
  single(): Promise<void>;
  /** Ends every process and connection of it. */
  close(): Promise<void>;
}

export interface Contender {
  /** A row of the tables. */
  name: string;
  /** The faults that an acknowledged submit survives. */
  durability: string;
  /** Tasks of one bulk run that takes some seconds at its speed. */
  bulkTasks: { quick: number; full: number };
  open(): Promise<System>;
}

/** Sees each number from 0 to `count` exactly once, or throws. */
export class Tally {
  readonly done: Promise<void>;
  readonly #seen: Uint8Array;
  #left: number;
  #finish: () => void = () => undefined;
  #fail: (error: Error) => void = () => undefined;

  constructor(count: number) {
    this.#seen = new Uint8Array(count);
    this.#left = count;
    this.done = new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
  }

  result(i: number): void {
    if (this.#seen[i] !== 0) {
      this.#fail(
        new Error(i < this.#seen.length ? `task ${i} had two results` : `a result of task ${i}, never submitted`),
      );
      return;
    }
    this.#seen[i] = 1;
    if (--this.#left === 0) this.#finish();
  }
}

/** The durability of ZooKeeper: it acknowledges transactions when they are on the disks of a majority. */
export const durabilityOf = (servers: number): string => (servers === 1 ? 'fsync' : 'fsync on a majority');
