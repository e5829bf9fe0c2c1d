import type { Runtime } from '@drover/runtime';
import { needNotSucceed, nullOn, type ZooKeeper } from '@drover/zookeeper';
import type { Session } from '../session/session.js';
import { StepLoop } from '../session/step-loop.js';
import { decideMembership } from './membership.decide.js';

export interface MembershipOptions {
  session: Session;
  runtime: Runtime;
  /** The path of the ephemeral znode. */
  path: string;
  /** Its content; `update` gives it another. */
  data: string;
  /** Another process holds our name. Called once per holder. */
  taken: (owner: bigint) => void;
  /** Called, at most once, when the membership ends because of a fault of this program. */
  broken: (error: unknown) => void;
}

/** Keeps one ephemeral znode, which says that this process is alive. The protocol is in the library's README. */
export class Membership {
  readonly #options: MembershipOptions;
  readonly #steps: StepLoop;
  /** The incarnation in which the ephemeral znode was last seen to be this process's; 0: none. */
  #incarnation = 0;
  #holder = 0n;
  #data: string;
  /** The content that ZooKeeper has confirmed; `null`: none. An unanswered write may have been carried out, or not. */
  #written: string | null = null;

  constructor(options: MembershipOptions) {
    this.#options = options;
    const { session, runtime, path, data, broken } = options;
    this.#data = data;
    const step = (zk: ZooKeeper, incarnation: number): Promise<void> => this.#step(zk, incarnation);
    this.#steps = new StepLoop({ session, runtime, path, step, broken });
  }

  start(): void {
    this.#steps.start();
  }

  /** Gives the znode another content: at once where it is there, otherwise when it is created. */
  update(data: string): void {
    this.#data = data;
    this.#steps.wake();
  }

  /** Removes the ephemeral at once. */
  async leave(): Promise<void> {
    await this.#steps.stop();
    const { session, path } = this.#options;
    if (this.#incarnation === session.incarnation) await session.zk.delete(path).catch(needNotSucceed);
  }

  async #step(zk: ZooKeeper, incarnation: number): Promise<void> {
    const { session, path } = this.#options;
    const data = this.#data;
    const stat = await zk.exists(path);
    const owner = stat?.ephemeralOwner ?? null;
    const step = decideMembership({ owner, session: zk.sessionId, earlierSessions: session.earlierSessions });
    if (this.#steps.stopped || !session.holds(incarnation)) return;
    this.#incarnation = step === 'registered' ? incarnation : 0;
    switch (step) {
      case 'create': {
        this.#written = null;
        const created = await nullOn(zk.create(path, data, { mode: 'ephemeral' }), 'NODE_EXISTS');
        if (created !== null) this.#incarnation = incarnation;
        else this.#steps.wake();
        this.#written = created === null ? null : data;
        return;
      }
      case 'registered':
        if (this.#written === data) return;
        this.#written = null;
        await zk.set(path, data);
        this.#written = data;
        return;
      case 'remove-leftover':
        await nullOn(zk.delete(path), 'NO_NODE');
        this.#steps.wake();
        return;
      case 'wait':
        if (owner !== null && owner !== this.#holder) this.#options.taken(owner);
        this.#holder = owner ?? 0n;
    }
  }
}
