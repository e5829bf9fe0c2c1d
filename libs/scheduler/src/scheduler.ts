import { Election, Membership, Session, sessionName, type Leadership } from '@drover/coordination';
import { encodeRecord, schedulerPath, understanding } from '@drover/protocol';
import { inBackground, toldElsewhere, within, type Health, type Service } from '@drover/runtime';
import { OWN_ZONE_DATA } from './schedules/zone-data.js';
import { ReadModel } from './read-model/read-model.js';
import { sampleTerm } from './read-model/term-metrics.js';
import type { SchedulerOptions } from './scheduler-options.js';
import { pauseBeforeTerm, shortTermsAfter } from './term/pause.decide.js';
import { Term } from './term/term.js';

/** The longest time that a stop waits for a ZooKeeper that does not answer. */
const STOP_MS = 2_000;
/** So long it leaves the lead to others after it has handed over. */
const HANDED_OVER_MS = 5_000;

/**
 * A replica: registers, campaigns, and runs a `Term` for each epoch that it leads. It recovers by itself from every
 * loss of its session, as a follower or as the leader.
 */
export class Scheduler implements Service {
  readonly stopped: Promise<void>;
  /** Answers questions about what this scheduler knows while it leads. */
  readonly readModel: ReadModel;
  readonly #options: SchedulerOptions;
  readonly #startedAt: number;
  readonly #session: Session;
  readonly #membership: Membership;
  readonly #election: Election;
  #term: { term: Term; leadership: Leadership; begunAt: number } | null = null;
  #shortTerms = 0;
  #stopping: Promise<void> | null = null;
  #settle!: { resolve: () => void; reject: (error: unknown) => void };

  /** Begins to connect. Throws `DriverNotCapableError` where the driver cannot fence. */
  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#startedAt = options.runtime.now();
    const { factory, zookeeper, runtime, log, metrics, id, host, pid } = options;
    this.readModel = new ReadModel(runtime);
    metrics.sampled((samples) => {
      if (this.readModel.view !== null) sampleTerm(this.readModel.view, samples);
    });
    this.stopped = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    inBackground(this.stopped, toldElsewhere);
    this.#session = new Session({ factory, zookeeper: { ...zookeeper, runtime }, log, metrics, role: 'a scheduler' });
    this.#session.onState(({ failure }) => {
      if (failure !== null) this.#broken(failure);
    });
    this.#membership = this.#createMembership();
    this.#election = new Election({
      ...{ session: this.#session, runtime, log, metrics },
      candidate: { id, host, pid },
      listener: {
        won: (leadership) => this.#won(leadership),
        lost: (leadership, reason) => this.#lost(leadership, reason),
        following: () => undefined,
      },
      broken: (error) => this.#broken(error),
    });
  }

  /** Epoch that this scheduler leads; `null` while it follows. */
  get epoch(): number | null {
    return this.#term?.leadership.epoch ?? null;
  }

  /** Why there is no connection to ZooKeeper, where that is known: for people to read. */
  get lastFailure(): Error | undefined {
    return this.#session.lastFailure;
  }

  /** A follower is as ready as a leader. */
  get health(): Health {
    const { health } = this.#session;
    return this.#stopping === null ? health : { ...health, ready: false, why: 'stopping' };
  }

  /** Resolves when it is connected and takes part. Rejects with the signal's reason, or when stopped meanwhile. */
  async start(signal?: AbortSignal): Promise<void> {
    await this.#session.connected(signal);
    this.#membership.start();
    this.#election.start();
  }

  /** The URL at which this process answers from now on, for `/schedulers/<id>` and `/leader`; `undefined`: nowhere. */
  advertise(api: string | undefined): void {
    this.#membership.update(this.#record(api));
    this.#election.advertise(api);
  }

  /** Lets others lead, if it leads; takes part again after a while. False: it does not lead. */
  async handOver(reason: string): Promise<boolean> {
    const { leadership } = this.#election;
    if (leadership === null) return false;
    await this.#election.handOver(leadership, reason, HANDED_OVER_MS);
    return true;
  }

  /** Hands over at once: others lead within a few round trips. */
  async stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const { runtime } = this.#options;
    const left = Promise.all([this.#election.resign('stopped'), this.#membership.leave()]);
    await within(runtime, STOP_MS, left);
    await this.#session.close();
    this.readModel.follow(null);
    this.#settle.resolve();
  }

  /** The scheduler cannot go on: no session can be had, or this program has a fault. */
  #broken(error: unknown): void {
    this.#settle.reject(error);
    inBackground(this.stop(), toldElsewhere);
  }

  #createMembership(): Membership {
    const { runtime, log, id } = this.#options;
    const data = this.#record(undefined);
    const path = schedulerPath(id);
    return new Membership({
      ...{ session: this.#session, runtime, path, data },
      taken: (owner) => log.event('registration.taken', { path, owner: sessionName(owner) }),
      broken: (error) => this.#broken(error),
    });
  }

  #record(api: string | undefined): string {
    const { id, host, pid, version, planner, zoneData = OWN_ZONE_DATA } = this.#options;
    const { graceMs } = planner;
    const about = { id, host, pid, version, startedAt: this.#startedAt, tz: zoneData.version, graceMs };
    return encodeRecord('scheduler', { ...about, ...understanding(), ...(api === undefined ? {} : { api }) });
  }

  #won(leadership: Leadership): void {
    const { runtime, metrics } = this.#options;
    const { incarnation, zk } = leadership;
    const term = new Term({
      leadership,
      scheduler: this.#options,
      readModel: this.readModel,
      valid: () => this.#session.holds(incarnation) && zk.leaseMs() > 0,
      passed: (epoch) => this.#election.passed(epoch),
      failed: (reason) => this.#termFailed(leadership, reason),
    });
    this.#term = { term, leadership, begunAt: runtime.monotonic() };
    metrics.set('drover_leader', {}, 1);
    metrics.set('drover_epoch', {}, leadership.epoch);
    metrics.count('drover_takeovers_total', {});
    this.readModel.began(term.view);
    inBackground(term.begin(), (error) => this.#broken(error));
  }

  #termFailed(leadership: Leadership, reason: string): void {
    const { log, runtime } = this.#options;
    const livedMs = runtime.monotonic() - (this.#term?.begunAt ?? 0);
    const terms = shortTermsAfter(this.#shortTerms, livedMs);
    const pauseMs = pauseBeforeTerm(terms);
    log.event('term.aborted', { epoch: leadership.epoch, reason, terms, pauseMs });
    this.#election.end(leadership, reason, pauseMs);
  }

  #lost(leadership: Leadership, reason: string): void {
    const { runtime, log, metrics } = this.#options;
    const current = this.#term;
    if (current?.leadership !== leadership) return;
    this.#term = null;
    this.#shortTerms = shortTermsAfter(this.#shortTerms, runtime.monotonic() - current.begunAt);
    current.term.end();
    this.readModel.ended();
    metrics.set('drover_leader', {}, 0);
    log.event('term.ended', { epoch: leadership.epoch, reason });
  }
}
