import type { Session } from '@drover/coordination';
import { ROOTS, withRoot } from '@drover/protocol';
import type { Health } from '@drover/runtime';
import {
  isZooKeeperError,
  needNotSucceed,
  type ZooKeeper,
  type ZooKeeperFactory,
  type ZooKeeperOptions,
} from '@drover/zookeeper';
import { ClientClosedError, NoDroverError } from './errors.js';
import { neverLed, type ClientWarning } from './warnings.js';

/** Gives handles for one purpose. */
export interface Handles {
  /** Resolves with the current handle when it is connected. Rejects with `ClientClosedError`. */
  ready(signal?: AbortSignal): Promise<ZooKeeper>;
  /** Creates directories again that somebody removed by hand. */
  mend?(): Promise<void>;
}

/** The part of a session that the client uses: a connected handle, now or after the next reconnect. */
export interface Connection extends Handles {
  readonly driver: string;
  /** False: reads only. */
  readonly writable: boolean;
  /** Why it is not connected, where the driver knows: for people to read. */
  readonly lastFailure: Error | undefined;
  readonly health: Health;
  /** Handles for reading. They create nothing, and reject with `NoDroverError` if the root was never used. */
  readonly reader: Handles;
  /** Handles for writing: the root and its directories are created if they are missing. */
  readonly writer: Handles;
  /** `listener` hears of every new session, when it is connected: its watches are all to be set again. */
  onNewSession(listener: () => void): void;
  close(): Promise<void>;
}

/** A session that outlives its expiry. */
export class SessionConnection implements Connection {
  readonly writable = true;
  readonly reader: Handles;
  readonly writer: Handles;
  readonly #session: Session;
  readonly #connect: string;
  readonly #warn: (warning: ClientWarning) => void;
  #hasWritten = false;

  constructor(session: Session, connect: string, warn: (warning: ClientWarning) => void) {
    this.#session = session;
    this.#connect = withRoot(connect);
    this.#warn = warn;
    this.reader = { ready: (signal) => this.#readyToRead(signal) };
    this.writer = { ready: (signal) => this.#readyToWrite(signal), mend: () => session.makeLayout() };
  }

  get driver(): string {
    return this.#session.zk.driver;
  }

  get lastFailure(): Error | undefined {
    return this.#session.lastFailure;
  }

  get health(): Health {
    return this.#session.health;
  }

  async ready(signal?: AbortSignal): Promise<ZooKeeper> {
    const session = this.#session;
    if (session.state !== 'connected') await session.connected(signal).catch(toClosed);
    return session.zk;
  }

  async #readyToRead(signal?: AbortSignal): Promise<ZooKeeper> {
    const zk = await this.ready(signal);
    const session = this.#session;
    // Another process may have created the layout since the last look.
    if (!session.hasLayout) await session.look();
    if (!session.hasLayout) throw new NoDroverError(this.#connect);
    return zk;
  }

  async #readyToWrite(signal?: AbortSignal): Promise<ZooKeeper> {
    const zk = await this.ready(signal);
    if (!this.#session.hasLayout) await this.#session.makeLayout();
    if (!this.#hasWritten) this.#lookWhetherLed(zk);
    this.#hasWritten = true;
    return zk;
  }

  /**
   * Warns if no scheduler has ever led here. This read goes out before the first write, and so is answered before it.
   */
  #lookWhetherLed(zk: ZooKeeper): void {
    zk.exists(ROOTS.epoch).then((epoch) => {
      if (epoch === null) this.#warn(neverLed(this.#connect));
    }, needNotSucceed);
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

/** A plain handle, made anew when its session has expired: for drivers without the abilities that a session needs. */
export class ReadingConnection implements Connection {
  readonly writable = false;
  readonly reader: Handles;
  readonly writer: Handles = this;
  readonly #factory: ZooKeeperFactory;
  readonly #options: ZooKeeperOptions;
  #zk: ZooKeeper;
  #hasLayout = false;
  #hasConnected = false;

  constructor(factory: ZooKeeperFactory, options: ZooKeeperOptions) {
    this.#factory = factory;
    this.#options = { ...options, connect: withRoot(options.connect) };
    this.#zk = factory(this.#options);
    this.reader = { ready: (signal) => this.#readyToRead(signal) };
  }

  get driver(): string {
    return this.#zk.driver;
  }

  get lastFailure(): Error | undefined {
    return this.#zk.lastFailure;
  }

  get health(): Health {
    const { state } = this.#zk;
    return {
      ready: state === 'connected',
      why: state === 'connected' ? 'ok' : state,
      hasConnected: this.#hasConnected,
    };
  }

  async ready(signal?: AbortSignal): Promise<ZooKeeper> {
    if (this.#zk.state === 'expired') this.#zk = this.#factory(this.#options);
    await this.#zk.connected(signal).catch(toClosed);
    this.#hasConnected = true;
    return this.#zk;
  }

  async #readyToRead(signal?: AbortSignal): Promise<ZooKeeper> {
    const zk = await this.ready(signal);
    this.#hasLayout ||= (await zk.exists(ROOTS.tasks)) !== null;
    if (!this.#hasLayout) throw new NoDroverError(this.#options.connect);
    return zk;
  }

  onNewSession(): void {
    // There are no watches that a new session would have to set again.
  }

  close(): Promise<void> {
    return this.#zk.close();
  }
}

function toClosed(error: unknown): never {
  throw isZooKeeperError(error, 'CLOSED') ? new ClientClosedError() : error;
}
