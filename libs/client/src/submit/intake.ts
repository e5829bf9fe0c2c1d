import { readOne } from '@drover/inspect';
import type { IntakeRecord } from '@drover/protocol';
import { ROOTS } from '@drover/protocol';
import type { Runtime } from '@drover/runtime';
import { withHandle } from '../again.js';
import type { Connection } from '../connection.js';
import { IntakeClosedError } from '../errors.js';
import { FullQueues } from './full-queues.js';

/**
 * Whether the system accepts tasks, as the leader last wrote to `/intake`. It is read when the first task is submitted
 * and then followed by a watch, so a submit costs nothing more. Until the first leader has written it, every submit is
 * accepted.
 *
 * Submits wait from the moment in which the watch tells of a change until the new record was read: the change may be
 * that the system is full.
 */
export class Intake {
  readonly #connection: Connection;
  readonly #runtime: Runtime;
  #record: IntakeRecord | null = null;
  #refusal: IntakeClosedError | null = null;
  #full: FullQueues | null = null;
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

  /** The error of a submit now; `null`: it is accepted. */
  get refusal(): IntakeClosedError | null {
    return this.#refusal;
  }

  /** Queues to which submits are refused, at least those of some tenants; `null`: none. */
  get full(): FullQueues | null {
    return this.#full;
  }

  /** The limit on unfinished tasks in the whole system; `null`: no scheduler has led yet. */
  get limit(): { maxTasks: number; maxBytes: number } | null {
    return this.#record;
  }

  /** Resolves once `/intake` was read, or cannot be read. Never rejects. */
  async known(): Promise<void> {
    if (!this.#begun) {
      this.#begun = true;
      this.#know(() => this.#watch());
    }
    while (this.#looking !== null) await this.#looking;
  }

  /** A later read is newer. */
  #know(ask: () => Promise<void>): void {
    const looking = ask()
      // The client is closed, or ZooKeeper refuses the read: the writes will report that.
      .catch(() => undefined)
      .then(() => {
        if (this.#looking === looking) this.#looking = null;
      });
    this.#looking = looking;
  }

  /** The watch comes first: a read after it cannot be older than its event. */
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
    this.#full = record?.full === undefined ? null : new FullQueues(record.full);
  }
}
