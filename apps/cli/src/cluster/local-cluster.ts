import { join } from 'node:path';
import type { Drover, SchedulerView, StatusView } from '@drover/client';
import { resolveClientConfig } from '@drover/config';
import { API_DEFAULT_LISTEN, DroverError } from '@drover/core';
import { provideZooKeeper, type ProvidedZooKeeper } from '@drover/embedded';
import { withRoot } from '@drover/protocol';
import { inBackground, sleep, uncaught, within, type Runtime } from '@drover/runtime';
import { connectClient } from '../client.js';
import { untilInterrupted } from '../interruption.js';
import { counted } from '../views/format.js';
import { ClusterFolder } from './cluster-folder.js';
import { isolated, logTail, type Member, type Role, startMember } from './member.js';

const READY_TIMEOUT_MS = 60_000;
const POLL_MS = 50;
/** The API of a scheduler listens a moment after it takes part. */
const DASHBOARD_TIMEOUT_MS = 20_000;
/** Time to stop a ZooKeeper that is interrupted while it starts; it ends with this process anyway. */
const HASTY_STOP_MS = 5_000;

/** Thrown when a part of the cluster ended, or did not come up in time. */
export class ClusterStartError extends DroverError {
  override readonly name = 'ClusterStartError';
}

export interface ClusterOptions {
  /** The folder for all files of the cluster; `stop` removes it unless `keep`. */
  folder: string;
  keep: boolean;
  zookeepers: number;
  /** The port of a single ZooKeeper; 0: a free one. */
  port: number;
  /** A ZooKeeper that runs already, to be used instead of an embedded one. */
  zk: string | null;
  /** Appended to the root that the connect string names. */
  chroot: string;
  schedulers: number;
  workers: number;
  schedulerArgs: readonly string[];
  workerArgs: readonly string[];
  /** Further arguments of one worker, of which this is the `n`th, from 0. Default: none. */
  argsOfWorker?: (n: number) => readonly string[];
  /**
   * The environment of this process; a cluster with a ZooKeeper of its own ignores variables that lead to another one.
   */
  env: NodeJS.ProcessEnv;
  runtime: Runtime;
  /** Stops the start too. */
  signal: AbortSignal;
  /** The current step, for people. */
  note: (text: string) => void;
}

export interface StopHooks {
  /** Called when all members have ended. */
  beforeZooKeeper?: () => Promise<unknown>;
  /** Called when no process runs any more. */
  beforeRemoval?: () => Promise<unknown>;
}

/**
 * ZooKeeper, schedulers and workers on this machine, as processes of their own. `drover dev`, `drover demo` and tests
 * are built on it. None of it outlives this process, however that ends.
 */
export class LocalCluster {
  readonly zooKeeper: ProvidedZooKeeper;
  /** The connect string, with the chroot. */
  readonly connect: string;
  readonly drover: Drover;
  readonly #options: ClusterOptions;
  readonly #place: Place;
  #stopping: Promise<void> | null = null;

  private constructor(options: ClusterOptions, place: Place, zooKeeper: ProvidedZooKeeper, drover: Drover) {
    this.#options = options;
    this.#place = place;
    this.zooKeeper = zooKeeper;
    this.connect = withRoot(zooKeeper.connect) + options.chroot;
    this.drover = drover;
  }

  /**
   * Resolves when a scheduler leads and every worker is registered. Throws `ClusterStartError`, or the reason of
   * `signal`: no process is left running then.
   */
  static async start(options: ClusterOptions): Promise<LocalCluster> {
    const place = await Place.make(options);
    try {
      const zooKeeper = await startZooKeeper(options, place);
      try {
        return await LocalCluster.#startOn(zooKeeper, options, place);
      } catch (error) {
        await zooKeeper.stop();
        throw error;
      }
    } catch (error) {
      await place.folder.remove();
      throw error;
    }
  }

  static async #startOn(zooKeeper: ProvidedZooKeeper, options: ClusterOptions, place: Place): Promise<LocalCluster> {
    const { signal, note, chroot, schedulers, workers } = options;
    const flags = { zk: withRoot(zooKeeper.connect) + chroot, logLevel: 'error' };
    const config = resolveClientConfig({ flags, env: place.env });
    const drover = await untilInterrupted(signal, () => connectClient(config));
    const cluster = new LocalCluster(options, place, zooKeeper, drover);
    try {
      note(`starting ${counted(schedulers, 'scheduler')} and ${counted(workers, 'worker')}`);
      const names = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}${n + 1}`);
      const starting = [
        ...names('s', schedulers).map((name) => cluster.startMember('scheduler', name)),
        ...names('w', workers).map((name) => cluster.startMember('worker', name)),
      ];
      await Promise.all(starting);
      await untilInterrupted(signal, () => cluster.waitFor((status) => isComplete(status, options)));
      return cluster;
    } catch (error) {
      await cluster.#stopMembers();
      await drover.close();
      throw error;
    }
  }

  get members(): readonly Member[] {
    return this.#place.members;
  }

  get folder(): string {
    return this.#place.folder.path;
  }

  /** The environment of its processes. */
  get env(): NodeJS.ProcessEnv {
    return this.#place.env;
  }

  /** Starts a further member, or one that has ended. */
  async startMember(role: Role, name: string): Promise<Member> {
    const { schedulerArgs, workerArgs, argsOfWorker, runtime } = this.#options;
    const ofRole =
      role === 'scheduler' ? schedulerArgs : [...workerArgs, ...(argsOfWorker?.(Number(name.slice(1)) - 1) ?? [])];
    const args = [...ofRole, '--zk', this.connect];
    const logPath = join(this.folder, 'logs', `${name}.log`);
    const member = await startMember({ role, name, args, logPath, env: this.env, runtime });
    const place = this.#place;
    place.members.push(member);
    const forgotten = member.exited.then(() => {
      place.members = place.members.filter((other) => other !== member);
    });
    inBackground(forgotten, uncaught);
    return member;
  }

  /** Asks for the status until `accept` takes it. Throws `ClusterStartError` when time is up or a member has ended. */
  async waitFor(accept: (status: StatusView) => boolean, timeoutMs = READY_TIMEOUT_MS): Promise<StatusView> {
    const { runtime } = this.#options;
    const deadline = runtime.monotonic() + timeoutMs;
    const watched = [...this.members];
    const ended = Promise.race(watched.map((member) => member.exited.then((code) => ({ member, code }))));
    for (;;) {
      const status = await Promise.race([this.#statusOrNull(), ended]);
      if (status !== null && 'member' in status) throw endedError(status.member, status.code);
      if (status !== null && accept(status)) return status;
      if (runtime.monotonic() > deadline) throw lateError(status, timeoutMs);
      await sleep(runtime, POLL_MS);
    }
  }

  /**
   * The address of the dashboard. `follower`: at a scheduler that the leader's end does not concern, if there is one; `usual`:
   * at the usual port, if one of them has it. `null`: they have not told theirs in time, or they have no API.
   */
  async dashboard(wanted: 'follower' | 'usual'): Promise<string | null> {
    if (this.env.DROVER_API_LISTEN === 'off') return null;
    try {
      const { schedulers } = await this.waitFor((status) => dashboardOf(status, wanted) !== null, DASHBOARD_TIMEOUT_MS);
      return dashboardOf({ schedulers }, wanted);
    } catch (error) {
      if (error instanceof ClusterStartError) return null;
      throw error;
    }
  }

  /** `null`: no scheduler has used the root yet, so there is no status. */
  async #statusOrNull(): Promise<StatusView | null> {
    try {
      return await this.drover.status();
    } catch (error) {
      if (error instanceof DroverError && error.category === 'unreachable') return null;
      throw error;
    }
  }

  /** Stops workers first, so that they hand back their tasks; ZooKeeper last. Never rejects; may be called again. */
  stop(hooks: StopHooks = {}): Promise<void> {
    this.#stopping ??= this.#stop(hooks);
    return this.#stopping;
  }

  async #stop({ beforeZooKeeper, beforeRemoval }: StopHooks): Promise<void> {
    await this.#stopMembers();
    await this.drover.close();
    await beforeZooKeeper?.();
    await this.zooKeeper.stop();
    await beforeRemoval?.();
    await this.#place.folder.remove();
  }

  async #stopMembers(): Promise<void> {
    for (const role of ['worker', 'scheduler'] as const) {
      await Promise.all(this.members.filter((member) => member.role === role).map((member) => member.stop()));
    }
  }
}

/** The parts of a cluster that exist, from before its ZooKeeper is up until everything has stopped. */
class Place {
  readonly folder: ClusterFolder;
  readonly env: NodeJS.ProcessEnv;
  members: Member[];

  private constructor(folder: ClusterFolder, env: NodeJS.ProcessEnv, members: Member[]) {
    this.folder = folder;
    this.env = env;
    this.members = members;
  }

  static async make({ folder, keep, zk, env }: ClusterOptions): Promise<Place> {
    let place: Place | null = null;
    const beforeExit = (): void => place?.members.forEach((member) => member.signal('SIGKILL'));
    const made = await ClusterFolder.make(folder, { keep, beforeExit });
    place = new Place(made, zk === null ? isolated(env) : env, []);
    return place;
  }
}

/** An interruption while the server starts stops the server. */
async function startZooKeeper(options: ClusterOptions, { folder }: Place): Promise<ProvidedZooKeeper> {
  const { zk, zookeepers, port, note, signal, runtime } = options;
  note(zk === null ? 'starting ZooKeeper' : `using ZooKeeper at ${zk}`);
  const starting = provideZooKeeper({
    dataDir: join(folder.path, 'zookeeper'),
    servers: zookeepers,
    port,
    env: zk === null ? {} : { DROVER_ZK: zk },
  });
  try {
    return await untilInterrupted(signal, () => starting);
  } catch (error) {
    const stopped = starting.then(
      (zooKeeper) => zooKeeper.stop(),
      () => undefined,
    );
    await within(runtime, HASTY_STOP_MS, stopped);
    throw error;
  }
}

function isComplete({ leader, schedulers, workers }: StatusView, options: ClusterOptions): boolean {
  return leader !== null && schedulers.length >= options.schedulers && workers.length >= options.workers;
}

/** All of them have to tell theirs: the followers may be later than the leader. */
function dashboardOf({ schedulers }: Pick<StatusView, 'schedulers'>, wanted: 'follower' | 'usual'): string | null {
  if (schedulers.some(({ api }) => api === undefined)) return null;
  const isWanted = ({ role, api }: SchedulerView): boolean =>
    wanted === 'follower' ? role === 'follower' : api === `http://${API_DEFAULT_LISTEN}`;
  const first = schedulers.find(isWanted) ?? schedulers[0];
  return first?.api === undefined ? null : `${first.api.replace(/\/$/, '')}/ui/`;
}

function endedError({ name, logPath }: Member, code: number): ClusterStartError {
  return new ClusterStartError(`${name} ended with exit code ${code}. Its log:\n${logTail(logPath)}`);
}

function lateError(status: StatusView | null, timeoutMs: number): ClusterStartError {
  const { leader, schedulers, workers } = status ?? { leader: null, schedulers: [], workers: [] };
  return new ClusterStartError(
    `not ready within ${timeoutMs / 1_000} s: ${leader === null ? 'no leader' : `leader ${leader.id}`}, ` +
      `${counted(schedulers.length, 'scheduler')}, ${counted(workers.length, 'worker')}`,
  );
}
