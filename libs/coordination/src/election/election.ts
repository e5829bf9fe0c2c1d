import { decodeRecord, ROOTS } from '@drover/protocol';
import type { Log, Metrics } from '@drover/observability';
import type { Runtime } from '@drover/runtime';
import { needNotSucceed, nullOn, type Znode, type ZooKeeper } from '@drover/zookeeper';
import type { Session } from '../session/session.js';
import { StepLoop } from '../session/step-loop.js';
import { decideElection, type ElectionStep, type ElectionView } from './election.decide.js';
import { leavingOperations, tellingOperations, winningOperations, type Candidate } from './election-operations.js';

/** An epoch that was won: its leader writes with it. Not valid any more when `lost` was called. */
export interface Leadership {
  readonly epoch: number;
  /** The version of `/epoch`: the fence. */
  readonly version: number;
  readonly zk: ZooKeeper;
  readonly incarnation: number;
  /**
   * ZooKeeper's wall clock when the epoch was won, and the monotonic one when this process asked for it; `null` where the
   * answer did not tell.
   */
  readonly written: { readonly serverMs: number; readonly askedAt: number } | null;
}

export interface ElectionListener {
  won(leadership: Leadership): void;
  /** Called once per leadership, before anybody else's epoch is reported. `reason` is for operators. */
  lost(leadership: Leadership, reason: string): void;
  /** Somebody else leads. */
  following(leader: string, epoch: number): void;
}

export interface ElectionOptions {
  session: Session;
  runtime: Runtime;
  log: Log;
  metrics: Metrics;
  candidate: Candidate;
  listener: ElectionListener;
  /** Called, at most once, when the election ends because of a fault of this program. */
  broken: (error: unknown) => void;
}

/**
 * Campaigns for `/leader` and keeps telling who leads. The protocol is in the library's README. All steps run one after
 * the other.
 */
export class Election {
  readonly #options: ElectionOptions;
  readonly #steps: StepLoop;
  #candidate: Candidate;
  #leadership: Leadership | null = null;
  /** URL of this process in `/leader`, while it leads. */
  #toldApi: string | undefined;
  #seenEpoch = 0;
  #followed = '';
  /** The time, on the monotonic clock, since which this process has seen no leader. */
  #leaderlessSince: number | null = null;
  #pauseUntil = 0;
  #removeListener: (() => void) | null = null;

  constructor(options: ElectionOptions) {
    this.#options = options;
    this.#candidate = options.candidate;
    const { session, runtime, broken } = options;
    const path = ROOTS.leader;
    const step = (zk: ZooKeeper, incarnation: number): Promise<void> => this.#step(zk, incarnation);
    this.#steps = new StepLoop({ session, runtime, path, step, broken });
  }

  /** The epoch that we lead, if any. */
  get leadership(): Leadership | null {
    return this.#leadership;
  }

  start(): void {
    this.#removeListener = this.#options.session.onState(({ state }) => {
      if (state !== 'connected') this.#lose(state);
    });
    this.#steps.start();
  }

  /** The URL at which this process answers from now on; `undefined`: it does not. While it leads, `/leader` says so. */
  advertise(api: string | undefined): void {
    const { id, host, pid } = this.#candidate;
    this.#candidate = { id, host, pid, ...(api === undefined ? {} : { api }) };
    this.#steps.wake();
  }

  /** Tells of an epoch of this number: the next epoch that this process wins will be higher. */
  passed(epoch: number): void {
    this.#seenEpoch = Math.max(this.#seenEpoch, epoch);
  }

  /**
   * The term of `leadership` is over for a reason of its own. A new one begins after `pauseMs` if we still own
   * `/leader`.
   */
  end(leadership: Leadership, reason: string, pauseMs = 0): void {
    if (this.#leadership !== leadership) return;
    const { runtime } = this.#options;
    this.#pauseUntil = runtime.monotonic() + pauseMs;
    this.#lose(reason);
    this.#steps.wakeAfter(pauseMs);
  }

  /**
   * Ends the term of `leadership` and leaves `/leader` at once; takes part again after `pauseMs`, so that others come
   * first.
   */
  async handOver(leadership: Leadership, reason: string, pauseMs: number): Promise<void> {
    if (this.#leadership !== leadership) return;
    this.end(leadership, reason, pauseMs);
    await this.#leave(leadership);
  }

  /** Leaves `/leader` at once, and the competition for good. Close the session afterwards. */
  async resign(reason: string): Promise<void> {
    const stopped = this.#steps.stop();
    this.#removeListener?.();
    const leadership = this.#leadership;
    this.#lose(reason);
    if (leadership !== null) await this.#leave(leadership);
    await stopped;
  }

  #lose(reason: string): void {
    const leadership = this.#leadership;
    if (leadership === null) return;
    this.#leadership = null;
    this.#options.listener.lost(leadership, reason);
  }

  async #step(zk: ZooKeeper, incarnation: number): Promise<void> {
    const view = await this.#look(zk);
    const { session, runtime } = this.#options;
    if (this.#steps.stopped || !session.holds(incarnation)) return;
    if (this.#leadership !== null) {
      if (view.leader?.owner === zk.sessionId && view.epoch?.version === this.#leadership.version)
        return this.#tell(this.#leadership);
      this.#lose('deposed');
    }
    const waitMs = this.#pauseUntil - runtime.monotonic();
    if (waitMs > 0) {
      this.#steps.wakeAfter(waitMs);
      return;
    }
    if (view.leader === null) this.#leaderlessSince ??= runtime.monotonic();
    await this.#act(decideElection(view), view, zk, incarnation);
  }

  async #act(step: ElectionStep, view: ElectionView, zk: ZooKeeper, incarnation: number): Promise<void> {
    switch (step.kind) {
      case 'campaign':
      case 'renew':
        return this.#win(step, zk, incarnation);
      case 'depose':
        await nullOn(zk.multi(leavingOperations(step.version)), 'BAD_VERSION', 'NO_NODE');
        this.#steps.wake();
        return;
      case 'follow':
        this.#follow(step.leader, step.epoch);
        // The watch tells when the leader goes; a look now and then costs almost nothing, in case it is missed.
        this.#steps.wakeAfter(zk.sessionTimeoutMs);
    }
  }

  async #win(
    step: Extract<ElectionStep, { version: number | null; epoch: number }>,
    zk: ZooKeeper,
    incarnation: number,
  ): Promise<void> {
    const { session, runtime, log, listener } = this.#options;
    const candidate = this.#candidate;
    const askedAt = runtime.monotonic();
    const multi = zk.multi(winningOperations(step, candidate, runtime.now()));
    const won = await nullOn(multi, 'NODE_EXISTS', 'BAD_VERSION', 'NO_NODE');
    if (won === null) {
      this.#steps.wake();
      return;
    }
    const set = won.results[1];
    const stat = set?.op === 'set' ? set.stat : null;
    // The answer to a creation does not tell the time; and this machine's clock may be far from ZooKeeper's.
    const serverMs = stat?.mtime ?? (await zk.exists(ROOTS.epoch))?.ctime ?? null;
    const leadership: Leadership = {
      epoch: step.epoch,
      version: stat?.version ?? 0,
      zk,
      incarnation,
      written: serverMs === null ? null : { serverMs, askedAt },
    };
    this.#seenEpoch = step.epoch;
    this.#toldApi = candidate.api;
    this.#followed = '';
    if (this.#steps.stopped) return this.#leave(leadership);
    if (!session.holds(incarnation)) return;
    this.#leadership = leadership;
    this.#led();
    log.event('election.won', { epoch: leadership.epoch });
    listener.won(leadership);
    // It may have begun to answer meanwhile.
    if (this.#candidate !== candidate) this.#steps.wake();
  }

  /** Writes what this process says of itself into `/leader`, if that has changed since it won. */
  async #tell({ zk, epoch, version }: Leadership): Promise<void> {
    const { api } = this.#candidate;
    if (api === this.#toldApi) return;
    await nullOn(zk.multi(tellingOperations(epoch, version, this.#candidate)), 'BAD_VERSION', 'NO_NODE');
    this.#toldApi = api;
  }

  #follow(leader: string, epoch: number): void {
    const { log, listener } = this.#options;
    this.#led();
    const followed = `${leader} ${epoch}`;
    if (followed === this.#followed) return;
    this.#followed = followed;
    log.event('election.lost', { leader, epoch });
    listener.following(leader, epoch);
  }

  #led(): void {
    const { runtime, metrics } = this.#options;
    if (this.#leaderlessSince === null) return;
    metrics.observe('drover_leaderless_seconds', {}, (runtime.monotonic() - this.#leaderlessSince) / 1_000);
    this.#leaderlessSince = null;
  }

  /**
   * Another process may have been faster, or the connection may be gone: then closing the session has the same effect.
   */
  async #leave(leadership: Leadership): Promise<void> {
    await leadership.zk.multi(leavingOperations(leadership.version)).catch(needNotSucceed);
  }

  /** `/epoch` first: see "renew" in the README. Both reads go out together and are answered in order. */
  async #look(zk: ZooKeeper): Promise<ElectionView> {
    const { session } = this.#options;
    const [epoch, leader] = await Promise.all([
      nullOn(zk.get(ROOTS.epoch), 'NO_NODE'),
      nullOn(zk.get(ROOTS.leader), 'NO_NODE'),
    ]);
    const number = epoch === null ? 0 : this.#epochOf(epoch);
    this.#seenEpoch = Math.max(this.#seenEpoch, number);
    return {
      epoch: epoch && { epoch: number, version: epoch.stat.version },
      leader: leader && this.#leaderOf(leader, number),
      session: zk.sessionId,
      earlierSessions: session.earlierSessions,
      seenEpoch: this.#seenEpoch,
    };
  }

  #epochOf(znode: Znode): number {
    return this.#decode('epoch', ROOTS.epoch, znode)?.epoch ?? 0;
  }

  /** `seen`: the epoch of a leader whose record cannot be read, as far as it is known. */
  #leaderOf(znode: Znode, seen: number): NonNullable<ElectionView['leader']> {
    const { id, epoch } = this.#decode('leader', ROOTS.leader, znode) ?? { id: '?', epoch: seen };
    return { owner: znode.stat.ephemeralOwner, version: znode.stat.version, id, epoch };
  }

  #decode<Kind extends 'epoch' | 'leader'>(kind: Kind, path: string, znode: Znode) {
    try {
      return decodeRecord(kind, path, znode.data);
    } catch (error) {
      this.#options.log.event('record.invalid', { path, reason: (error as Error).message });
      return null;
    }
  }
}
