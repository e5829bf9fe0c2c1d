import type { Runtime, Timer } from '@drover/runtime';
import { isZooKeeperError, nullOn, type Operation, type ZooKeeper } from '@drover/zookeeper';
import type { Session } from '../session/session.js';
import { decideMembership } from './membership.decide.js';

export interface Registration {
  /** Of the ephemeral. It may depend on the session. */
  path: string;
  data: string;
  /** Made in the same multi, where they are not there already. */
  along?: readonly { path: string; data: string }[];
}

export interface MembershipOptions {
  session: Session;
  runtime: Runtime;
  /** Asked at every registration and `update`. */
  describe: (zk: ZooKeeper) => Registration;
  /** After every registration: the first, after an expiry, after somebody removed ours. */
  registered?: (registration: Registration, zk: ZooKeeper, incarnation: number) => void;
  /** Another process holds our name. Told once per holder. */
  taken?: (path: string, owner: bigint) => void;
}

const RETRY_MS = 300;

/** Keeps one ephemeral alive that says "I am here". The protocol is in the library's README. */
export class Membership {
  readonly #options: MembershipOptions;
  #current: (Registration & { incarnation: number; czxid: bigint }) | null = null;
  /** The watch fired: is it still there? */
  #doubt = false;
  #holder = 0n;
  /** What we created the znode with. */
  #written = '';
  #running: Promise<void> | null = null;
  #awake = false;
  #stopped = false;
  #retry: Timer | null = null;
  #removeListener: (() => void) | null = null;

  constructor(options: MembershipOptions) {
    this.#options = options;
  }

  /** The path that is registered in this incarnation, if it is. */
  get path(): string | null {
    return this.#current?.incarnation === this.#options.session.incarnation ? this.#current.path : null;
  }

  start(): void {
    const { session } = this.#options;
    this.#removeListener = session.onState(({ state }) => {
      if (state === 'connected') this.#wake();
      if (state === 'expired') this.#current = null;
    });
    this.#wake();
  }

  /** Writes the description again if it changed. Lost with the connection, which is why `connected` does it again. */
  update(): void {
    this.#wake();
  }

  /** Removes the ephemeral at once. */
  async leave(): Promise<void> {
    this.#stopped = true;
    this.#removeListener?.();
    this.#retry?.cancel();
    await this.#running;
    const { path } = this;
    if (path !== null) await this.#options.session.zk.delete(path).catch(() => undefined);
    this.#current = null;
  }

  #wake(): void {
    if (this.#stopped) return;
    this.#awake = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
  }

  async #run(): Promise<void> {
    while (this.#awake && !this.#stopped) {
      this.#awake = false;
      const { zk, incarnation } = this.#options.session;
      if (!this.#options.session.holds(incarnation)) return;
      try {
        await this.#step(zk, incarnation);
      } catch (error) {
        if (!isZooKeeperError(error)) throw error;
        if (this.#options.session.state === 'connected') this.#wakeLater();
      }
    }
  }

  #wakeLater(): void {
    const { runtime } = this.#options;
    this.#retry?.cancel();
    this.#retry = runtime.after(RETRY_MS * (0.5 + runtime.random()), () => this.#wake());
  }

  async #step(zk: ZooKeeper, incarnation: number): Promise<void> {
    const { session, describe } = this.#options;
    const registration = describe(zk);
    const { path, data } = registration;
    const current = this.#current;
    if (current?.incarnation === incarnation && !this.#doubt) {
      if (current.data === data) return;
      const set = await nullOn(zk.set(path, data), 'NO_NODE');
      if (set === null) this.#doubt = true;
      else current.data = data;
      this.#awake ||= set === null;
      return;
    }
    this.#doubt = false;
    const stat = await zk.exists(path, () => this.#znodeMoved(incarnation));
    const owner = stat?.ephemeralOwner ?? null;
    const step = decideMembership({ owner, session: zk.sessionId, earlierSessions: session.earlierSessions });
    if (this.#stopped || !session.holds(incarnation)) return;
    switch (step) {
      case 'create':
        // The watch that was just set fires for our own create: that look finds all well and watches on.
        await this.#create(zk, registration);
        this.#awake = true;
        return;
      case 'registered':
        this.#found(registration, zk, incarnation, stat?.czxid ?? 0n);
        return;
      case 'remove-leftover':
        await nullOn(zk.delete(path), 'NO_NODE');
        this.#awake = true;
        return;
      case 'wait':
        if (owner !== null && owner !== this.#holder) this.#options.taken?.(path, owner);
        this.#holder = owner ?? 0n;
    }
  }

  /** Somebody created, changed or removed it, or the watch is gone: look again. */
  #znodeMoved(incarnation: number): void {
    if (this.#options.session.incarnation !== incarnation) return;
    this.#doubt = true;
    this.#wake();
  }

  #found(registration: Registration, zk: ZooKeeper, incarnation: number, czxid: bigint): void {
    const known = this.#current?.incarnation === incarnation && this.#current.czxid === czxid;
    const data = known ? (this.#current?.data ?? '') : this.#written;
    this.#current = { ...registration, data, incarnation, czxid };
    if (!known) this.#options.registered?.(registration, zk, incarnation);
    this.#awake ||= data !== registration.data;
  }

  async #create(zk: ZooKeeper, { path, data, along = [] }: Registration): Promise<void> {
    this.#written = data;
    const ephemeral: Operation = { op: 'create', path, data, mode: 'ephemeral' };
    const others = along.map((znode) => ({ op: 'create' as const, ...znode }));
    const made = await nullOn(zk.multi([...others, ephemeral]), 'NODE_EXISTS');
    if (made !== null || others.length === 0) return;
    // One of the others is there already (we were removed by hand while they stayed).
    for (const { path: other, data: value } of others) await nullOn(zk.create(other, value), 'NODE_EXISTS');
    await nullOn(zk.create(path, data, { mode: 'ephemeral' }), 'NODE_EXISTS');
  }
}
