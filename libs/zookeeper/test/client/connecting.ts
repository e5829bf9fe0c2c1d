import { systemRuntime } from '@drover/runtime';
import type { Teardown } from '@drover/testing';
import { ProtocolClient, type ProtocolClientOptions, type SessionState, type ZooKeeper } from '../../src/index.js';

/** A handle of our client that is closed with the test. */
export function open(t: Teardown, connect: string, options: Partial<ProtocolClientOptions> = {}): ProtocolClient {
  const client = new ProtocolClient({ connect, sessionTimeoutMs: 10_000, runtime: systemRuntime, ...options });
  t.teardown(() => client.close());
  return client;
}

/** Resolves at the next change to `state`. */
export function becomes(client: ZooKeeper, state: SessionState): Promise<void> {
  return new Promise((resolve) => {
    const remove = client.onState((now) => {
      if (now !== state) return;
      remove();
      resolve();
    });
  });
}

/** Values as they are put in, each taken once, in order: for callbacks that a test waits for. */
export class Inbox<T> {
  readonly #values: T[] = [];
  readonly #takers: ((value: T) => void)[] = [];

  readonly put = (value: T): void => {
    const taker = this.#takers.shift();
    if (taker === undefined) this.#values.push(value);
    else taker(value);
  };

  take(): Promise<T> {
    const value = this.#values.shift();
    return value === undefined ? new Promise((resolve) => this.#takers.push(resolve)) : Promise.resolve(value);
  }

  get isEmpty(): boolean {
    return this.#values.length === 0;
  }
}
