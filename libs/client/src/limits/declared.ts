import { checkLimitRef, nearest, splitLimitRef, UnknownLimitError, type LimitSpec } from '@drover/core';
import type { Log } from '@drover/observability';
import { ROOTS } from '@drover/protocol';
import type { Runtime } from '@drover/runtime';
import { withHandle } from '../again.js';
import type { Connection } from '../connection.js';
import { limitNames, readLimit } from './read-limits.js';

/**
 * The limits that are declared, for submits that name some: nobody else reads them. A limit is read when a task first
 * names it, and a watch of the names tells when one has come or gone. A definition that is only changed sends no event
 * here, so a refusal is decided by a fresh read: what is cached can only let a task through, and the leader judges by
 * what is true.
 */
export class DeclaredLimits {
  readonly #connection: Connection;
  readonly #runtime: Runtime;
  readonly #log: Log;
  readonly #specs = new Map<string, LimitSpec>();
  /** The references of the last task that was let through: consecutive tasks mostly share them. */
  #lastAdmitted: readonly string[] | null = null;
  /** Resolves when the watch is set; `null`: no task has named a limit in this session. */
  #watching: Promise<void> | null = null;
  /** Grows when names have come or gone: a read that began before must not be kept. */
  #changes = 0;

  constructor(connection: Connection, runtime: Runtime, log: Log) {
    this.#connection = connection;
    this.#runtime = runtime;
    this.#log = log;
    connection.onNewSession(() => {
      this.#watching = null;
      this.#forget();
    });
  }

  /** Whether a task with these can be submitted, as far as is known without a read. */
  admits(refs: readonly string[]): boolean {
    if (refs === this.#lastAdmitted) return true;
    if (!refs.every((ref) => this.#fits(ref))) return false;
    this.#lastAdmitted = refs;
    return true;
  }

  /**
   * Reads what these name. Resolves with the error of a submit that names them: `UnknownLimitError`, or
   * `InvalidArgumentError` for a key that is missing or too much; `null`: it is accepted. Rejects as reads do.
   */
  async problemOf(refs: readonly string[]): Promise<Error | null> {
    await this.#watched();
    for (const ref of refs) {
      const { name } = splitLimitRef(ref);
      const before = this.#changes;
      const limit = await this.#read(name);
      if (limit === null) return new UnknownLimitError(name, nearest(name, await this.#names()));
      if (this.#changes === before) this.#specs.set(name, limit.spec);
      try {
        checkLimitRef('limits', ref, limit.spec);
      } catch (error) {
        return error as Error;
      }
    }
    return null;
  }

  #fits(ref: string): boolean {
    const spec = this.#specs.get(splitLimitRef(ref).name);
    if (spec === undefined) return false;
    try {
      checkLimitRef('limits', ref, spec);
      return true;
    } catch {
      return false;
    }
  }

  /** The watch comes first: what changes after the read is told. */
  #watched(): Promise<void> {
    const forget = (): void => this.#forget();
    this.#watching ??= withHandle(this.#connection, this.#runtime, async (zk) => {
      await zk.watch(ROOTS.limits, 'persistent', { event: forget, reset: forget });
    });
    const watching = this.#watching;
    return watching.catch((error: unknown) => {
      if (this.#watching === watching) this.#watching = null;
      throw error;
    });
  }

  #forget(): void {
    this.#changes++;
    this.#specs.clear();
    this.#lastAdmitted = null;
  }

  #read(name: string) {
    return withHandle(this.#connection, this.#runtime, (zk) => readLimit(zk, name, this.#log));
  }

  #names(): Promise<string[]> {
    return withHandle(this.#connection, this.#runtime, limitNames);
  }
}
