import type { IntakeRecord } from '@drover/protocol';
import { ROOTS } from '@drover/protocol';
import type { Runtime } from '@drover/runtime';
import { withHandle } from '../again.js';
import type { Connection } from '../connection.js';
import { readOne } from '../admin/read-records.js';
import { IntakeClosedError } from '../errors.js';

/**
 * Whether the system takes more tasks, as the leader last said. Read when the first task is submitted, then told by a
 * watch: a submit costs nothing more for it. Until somebody led there is no word, and everything is taken.
 */
export class Intake {
  readonly #connection: Connection;
  readonly #runtime: Runtime;
  #refusal: IntakeClosedError | null = null;
  #known: Promise<void> | null = null;
  #isKnown = false;

  constructor(connection: Connection, runtime: Runtime) {
    this.#connection = connection;
    this.#runtime = runtime;
    connection.onNewSession(() => {
      if (this.#known !== null) void this.#watch();
    });
  }

  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** What a submit is refused with now; `null`: it is taken. */
  get refusal(): IntakeClosedError | null {
    return this.#refusal;
  }

  /** Resolves when there is a word, or none is to be had. Never rejects. */
  known(): Promise<void> {
    this.#known ??= this.#watch();
    return this.#known;
  }

  /** The watch first: what is read after it cannot be older than what it tells of. */
  async #watch(): Promise<void> {
    const look = (): void => void this.#look();
    try {
      await withHandle(this.#connection, this.#runtime, (zk) =>
        zk.watch(ROOTS.intake, 'persistent', { event: look, reset: look }),
      );
      await this.#look();
    } catch {
      // Closed, or a ZooKeeper that does not let us look: the writes will say so.
    }
    this.#isKnown = true;
  }

  async #look(): Promise<void> {
    try {
      const record = await withHandle(this.#connection, this.#runtime, (zk) => readOne(zk, 'intake', ROOTS.intake));
      this.#refusal = refusalOf(record);
    } catch {
      // As above.
    }
  }
}

function refusalOf(record: IntakeRecord | null): IntakeClosedError | null {
  return record === null || record.open ? null : new IntakeClosedError(record);
}
