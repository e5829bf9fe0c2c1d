import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Drover, StatusView } from '@drover/client';
import { resolveClientConfig } from '@drover/config';
import { DroverError } from '@drover/core';
import { provideZooKeeper, type ProvidedZooKeeper } from '@drover/embedded';
import { withRoot } from '@drover/protocol';
import { sleep, type Runtime } from '@drover/runtime';
import { connectClient } from '../client.js';
import { untilInterrupted } from '../interruption.js';
import { logTail, startMember, type Member, type Role } from './member.js';

const READY_TIMEOUT_MS = 60_000;
const POLL_MS = 50;

/** Thrown when a part of the cluster ended, or did not come up in time. */
export class ClusterStartError extends DroverError {
  override readonly name = 'ClusterStartError';
}

export interface ClusterOptions {
  /** Everything that is written goes here; made, and removed by `stop` unless `keep`. */
  folder: string;
  keep: boolean;
  zookeepers: number;
  /** Of a ZooKeeper alone; 0: a free one. */
  port: number;
  /** A ZooKeeper that runs already, to be used instead of an embedded one. */
  zk: string | null;
  /** Appended to the root that the connect string names. */
  chroot: string;
  schedulers: number;
  workers: number;
  schedulerArgs: readonly string[];
  workerArgs: readonly string[];
  runtime: Runtime;
  /** Ends the start too. */
  signal: AbortSignal;
  /** What is being done now, for people. */
  note: (text: string) => void;
}

export interface StopHooks {
  /** When all members are gone. */
  beforeZooKeeper?: () => Promise<unknown>;
  /** When nothing runs any more. */
  beforeRemoval?: () => Promise<unknown>;
}

/**
 * ZooKeeper, schedulers and workers on this machine, as processes of their own. `drover dev`, `drover demo` and tests
 * are built on it. None of it outlives this process, however that ends.
 */
export class LocalCluster {
  readonly zooKeeper: ProvidedZooKeeper;
  /** With the chroot. */
  readonly connect: string;
  readonly drover: Drover;
  readonly #options: ClusterOptions;
  #members: Member[] = [];
  #stopping: Promise<void> | null = null;

  private constructor(options: ClusterOptions, zooKeeper: ProvidedZooKeeper, connect: string, drover: Drover) {
    this.#options = options;
    this.zooKeeper = zooKeeper;
    this.connect = connect;
    this.drover = drover;
  }

  /** Resolves when somebody leads and every worker is there. Throws `ClusterStartError`; nothing is left running then. */
  static async start(options: ClusterOptions): Promise<LocalCluster> {
    const folder = resolve(options.folder);
    await mkdir(join(folder, 'logs'), { recursive: true });
    options.note(options.zk === null ? 'starting ZooKeeper' : `using ZooKeeper at ${options.zk}`);
    const zooKeeper = await provideZooKeeper({
      dataDir: join(folder, 'zookeeper'),
      servers: options.zookeepers,
      port: options.port,
      env: options.zk === null ? {} : { DROVER_ZK: options.zk },
    });
    try {
      return await LocalCluster.#startOn(zooKeeper, { ...options, folder });
    } catch (error) {
      await zooKeeper.stop();
      if (!options.keep) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
      throw error;
    }
  }

  static async #startOn(zooKeeper: ProvidedZooKeeper, options: ClusterOptions): Promise<LocalCluster> {
    const connect = withRoot(zooKeeper.connect) + options.chroot;
    const drover = await connectClient(resolveClientConfig({ flags: { zk: connect, logLevel: 'error' } }));
    const cluster = new LocalCluster(options, zooKeeper, connect, drover);
    try {
      options.note(`starting ${options.schedulers} schedulers and ${options.workers} workers`);
      const names = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}${n + 1}`);
      const starting = [
        ...names('s', options.schedulers).map((name) => cluster.startMember('scheduler', name)),
        ...names('w', options.workers).map((name) => cluster.startMember('worker', name)),
      ];
      await Promise.all(starting);
      await untilInterrupted(options.signal, () => cluster.waitFor((status) => isComplete(status, options)));
      return cluster;
    } catch (error) {
      await cluster.#stopMembers();
      await drover.close();
      throw error;
    }
  }

  get members(): readonly Member[] {
    return this.#members;
  }

  get folder(): string {
    return this.#options.folder;
  }

  /** Starts one more, or one again that has ended. */
  async startMember(role: Role, name: string): Promise<Member> {
    const { schedulerArgs, workerArgs, folder, runtime } = this.#options;
    const args = [...(role === 'scheduler' ? schedulerArgs : workerArgs), '--zk', this.connect];
    const logPath = join(folder, 'logs', `${name}.log`);
    const member = await startMember({ role, name, args, logPath, runtime });
    this.#members.push(member);
    void member.exited.then(() => {
      this.#members = this.#members.filter((other) => other !== member);
    });
    return member;
  }

  /** Asks for the status until `accept` takes it. Throws `ClusterStartError` when time is up or a member has ended. */
  async waitFor(accept: (status: StatusView) => boolean, timeoutMs = READY_TIMEOUT_MS): Promise<StatusView> {
    const { runtime } = this.#options;
    const deadline = runtime.monotonic() + timeoutMs;
    const watched = [...this.#members];
    const ended = Promise.race(watched.map((member) => member.exited.then((code) => ({ member, code }))));
    for (;;) {
      const status = await Promise.race([this.drover.status(), ended]);
      if ('member' in status) throw endedError(status.member, status.code);
      if (accept(status)) return status;
      if (runtime.monotonic() > deadline) throw lateError(status, timeoutMs);
      await sleep(runtime, POLL_MS);
    }
  }

  /** Workers first, so that they hand back what they have; ZooKeeper last. Never rejects; may be called again. */
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
    const { folder, keep } = this.#options;
    if (!keep) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #stopMembers(): Promise<void> {
    for (const role of ['worker', 'scheduler'] as const) {
      await Promise.all(this.#members.filter((member) => member.role === role).map((member) => member.stop()));
    }
  }
}

function isComplete({ leader, schedulers, workers }: StatusView, options: ClusterOptions): boolean {
  return leader !== null && schedulers.length >= options.schedulers && workers.length >= options.workers;
}

function endedError({ name, logPath }: Member, code: number): ClusterStartError {
  return new ClusterStartError(`${name} ended with exit code ${code}. Its log:\n${logTail(logPath)}`);
}

function lateError({ leader, schedulers, workers }: StatusView, timeoutMs: number): ClusterStartError {
  return new ClusterStartError(
    `not ready within ${timeoutMs / 1_000} s: ${leader === null ? 'nobody leads' : `${leader.id} leads`}, ` +
      `${schedulers.length} schedulers and ${workers.length} workers are there`,
  );
}
