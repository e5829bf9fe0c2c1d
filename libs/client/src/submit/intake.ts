import { readOne } from '@drover/inspect';
import type { IntakeRecord } from '@drover/protocol';
import { ROOTS } from '@drover/protocol';
import type { Runtime } from '@drover/runtime';
import { withHandle } from '../again.js';
import type { Connection } from '../connection.js';
import { IntakeClosedError } from '../errors.js';

/**
 * Whether the system takes more tasks, as the leader last said. Read when the first task is submitted, then told by a
 * watch: a submit costs nothing more for it. Until somebody led there is no word, and everything is taken.
 *
 * From the moment in which the watch tells of a change until it was read nothing is known, and whoever asks waits: what
 * would go out in between would be too much if the change is that the system is full.
 */
export class Intake {
  readonly #connection: Connection;
  readonly #runtime: Runtime;
  #record: IntakeRecord | null = null;
  #refusal: IntakeClosedError | null = null;
  #begun = false;
  /** Resolves when the latest change was read; `null`: it was. */
  #looking: Promise<void> | null = null;

  constructor(connection: Connection, runtime: Runtime) {
    this.#connection = connection;
    this.#runtime = runtime;
    connection.onNewSession(() => {
      if (this.#begun) this.#know(() => this.#watch());
    });
  }

  get isKnown(): boolean {
    return this.#begun && this.#looking === null;
  }

  /** What a submit is refused with now; `null`: it is taken. */
  get refusal(): IntakeClosedError | null {
    return this.#refusal;
  }

  /** What may be unfinished in the whole system; `null`: nobody has led yet. */
  get limit(): { maxTasks: number; maxBytes: number } | null {
    return this.#record;
  }

  /** Resolves when there is a word, or none is to be had. Never rejects. */
  async known(): Promise<void> {
    if (!this.#begun) {
      this.#begun = true;
      this.#know(() => this.#watch());
    }
    while (this.#looking !== null) await this.#looking;
  }

  /** What is asked later is newer. */
  #know(ask: () => Promise<void>): void {
    const looking = ask()
      // Closed, or a ZooKeeper that does not let us look: the writes will say so.
      .catch(() => undefined)
      .then(() => {
        if (this.#looking === looking) this.#looking = null;
      });
    this.#looking = looking;
  }

  /** The watch first: what is read after it cannot be older than what it tells of. */
  async #watch(): Promise<void> {
    const look = (): void => this.#know(() => this.#look());
    await withHandle(this.#connection, this.#runtime, (zk) =>
      zk.watch(ROOTS.intake, 'persistent', { event: look, reset: look }),
    );
    await this.#look();
  }

  async #look(): Promise<void> {
    const record = await withHandle(this.#connection, this.#runtime, (zk) => readOne(zk, 'intake', ROOTS.intake));
    this.#record = record;
    this.#refusal = record === null || record.open ? null : new IntakeClosedError(record);
  }
}
