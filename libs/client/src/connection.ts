import type { Session } from '@drover/coordination';
import { withRoot } from '@drover/protocol';
import { isZooKeeperError, type ZooKeeper, type ZooKeeperFactory, type ZooKeeperOptions } from '@drover/zookeeper';
import { ClientClosedError } from './errors.js';

/** What the client needs of a session: a handle that is connected, now or when there is one again. */
export interface Connection {
  readonly driver: string;
  /** False: reads only. */
  readonly writable: boolean;
  /** Why it is not connected, where the driver knows: for people to read. */
  readonly lastFailure: Error | undefined;
  /** Resolves with the current handle when it is connected. Rejects with `ClientClosedError`. */
  ready(signal?: AbortSignal): Promise<ZooKeeper>;
  /** `listener` hears of every new session, when it is connected: its watches are all to be set again. */
  onNewSession(listener: () => void): void;
  close(): Promise<void>;
}

/** A session that outlives its expiry. */
export class SessionConnection implements Connection {
  readonly writable = true;
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  get driver(): string {
    return this.#session.zk.driver;
  }

  get lastFailure(): Error | undefined {
    return this.#session.lastFailure;
  }

  async ready(signal?: AbortSignal): Promise<ZooKeeper> {
    const session = this.#session;
    if (session.state !== 'connected') await session.connected(signal).catch(toClosed);
    return session.zk;
  }

  onNewSession(listener: () => void): void {
    let incarnation = this.#session.incarnation;
    this.#session.onState((view) => {
      if (view.state !== 'connected' || view.incarnation === incarnation) return;
      incarnation = view.incarnation;
      listener();
    });
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}

/** For drivers that cannot do what a session asks for: a bare handle, made anew when its session has expired. */
export class ReadingConnection implements Connection {
  readonly writable = false;
  readonly #factory: ZooKeeperFactory;
  readonly #options: ZooKeeperOptions;
  #zk: ZooKeeper;

  constructor(factory: ZooKeeperFactory, options: ZooKeeperOptions) {
    this.#factory = factory;
    this.#options = { ...options, connect: withRoot(options.connect) };
    this.#zk = factory(this.#options);
  }

  get driver(): string {
    return this.#zk.driver;
  }

  get lastFailure(): Error | undefined {
    return this.#zk.lastFailure;
  }

  async ready(signal?: AbortSignal): Promise<ZooKeeper> {
    if (this.#zk.state === 'expired') this.#zk = this.#factory(this.#options);
    await this.#zk.connected(signal).catch(toClosed);
    return this.#zk;
  }

  onNewSession(): void {
    // It keeps no watches.
  }

  close(): Promise<void> {
    return this.#zk.close();
  }
}

function toClosed(error: unknown): never {
  throw isZooKeeperError(error, 'CLOSED') ? new ClientClosedError() : error;
}
