import { mkdir } from 'node:fs/promises';
import { obtainToolchain, type Toolchain } from '@drover/embedded';
import { messageOf } from '@drover/runtime';
import type { Direction, Home, Topology } from '../system.js';
import { Clock } from './clock.js';
import { WiredHome, type Wiring } from './home.js';
import { NamespaceGrounds } from './namespaces/topology.js';
import { ProxyGrounds } from './proxies/topology.js';
import { provideTools, type Tools } from './tools.js';
import type { EnsembleServer } from './server.js';

export interface TopologyOptions {
  /** Everything on the disk is below it; made when it does not exist, and left there with the servers' logs. */
  readonly folder: string;
  /** Absent: namespaces where the system allows them, else proxies. */
  readonly kind?: Topology['kind'];
  /** Default 3. */
  readonly servers?: number;
  /** ZooKeeper's tick; default 500. */
  readonly tickMs?: number;
  /** The heap of each server; default 512. */
  readonly heapMb?: number;
  /** Further arguments of each server's JVM. */
  readonly javaArguments?: readonly string[];
  /** Whether the wall clocks of homes can be moved (libfaketime); default false. */
  readonly clocks?: boolean;
  readonly note?: (line: string) => void;
}

export interface GroundsOptions {
  readonly folder: string;
  readonly servers: number;
  readonly tickMs: number;
  readonly heapMb: number;
  readonly javaArguments: readonly string[];
  readonly toolchain: Toolchain;
}

/** The parts in which kinds of topology differ; the rest is the same for all. */
export interface Grounds {
  readonly kind: Topology['kind'];
  readonly servers: readonly EnsembleServer[];
  /** Why no server can have a full disk. */
  readonly diskFullMissing: string | undefined;
  wire(): Promise<Wiring>;
  cutServers(a: number, b: number, direction: Direction): Promise<void>;
  healServers(): Promise<void>;
  close(): Promise<void>;
}

/**
 * An ensemble that serves, and room for the processes that use it. Resolves when every server serves.
 * Throws what `obtainToolchain` throws, `ZooKeeperStartError`, and why a kind that was asked for is not possible;
 * nothing keeps running then.
 */
export async function startTopology(options: TopologyOptions): Promise<Topology> {
  const { folder, note = () => undefined } = options;
  await mkdir(folder, { recursive: true });
  const { servers = 3, tickMs = 500, heapMb = 512, javaArguments = [] } = options;
  const tools = await provideTools({ clocks: options.clocks === true });
  const grounds = await groundsFor(options.kind, note, {
    folder,
    servers,
    tickMs,
    heapMb,
    javaArguments,
    toolchain: await obtainToolchain(),
  });
  const topology = new StartedTopology(grounds, tools, folder);
  try {
    await Promise.all(grounds.servers.map((server) => server.start()));
    await Promise.all(grounds.servers.map((server) => server.ready()));
    return topology;
  } catch (error) {
    await topology.close();
    throw error;
  }
}

async function groundsFor(
  kind: Topology['kind'] | undefined,
  note: (line: string) => void,
  options: GroundsOptions,
): Promise<Grounds> {
  if (kind === 'proxies') return ProxyGrounds.create(options);
  try {
    return await NamespaceGrounds.create(options);
  } catch (error) {
    if (kind === 'namespaces') throw error;
    note(`${messageOf(error)}; links go through proxies instead`);
    return ProxyGrounds.create(options);
  }
}

class StartedTopology implements Topology {
  readonly #grounds: Grounds;
  readonly #tools: Tools;
  readonly #folder: string;
  readonly #homes: WiredHome[] = [];
  #closed: Promise<void> | undefined;

  constructor(grounds: Grounds, tools: Tools, folder: string) {
    this.#grounds = grounds;
    this.#tools = tools;
    this.#folder = folder;
  }

  get kind(): Topology['kind'] {
    return this.#grounds.kind;
  }

  get servers(): readonly EnsembleServer[] {
    return this.#grounds.servers;
  }

  get missing(): Topology['missing'] {
    return {
      diskFull: this.#grounds.diskFullMissing,
      diskSlow: this.#tools.straceMissing,
      clocks: this.#tools.clocksMissing,
    };
  }

  async home(name: string): Promise<Home> {
    const { fakeTime, endsWithUs } = this.#tools;
    const clock = fakeTime === undefined ? undefined : await Clock.create(fakeTime, `${this.#folder}/${name}.clock`);
    const home = new WiredHome(await this.#grounds.wire(), clock, endsWithUs);
    this.#homes.push(home);
    return home;
  }

  cutServers(a: number, b: number, direction: Direction): Promise<void> {
    return this.#grounds.cutServers(a, b, direction);
  }

  healServers(): Promise<void> {
    return this.#grounds.healServers();
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    try {
      await Promise.all(this.#homes.map((home) => home.close()));
    } finally {
      await this.#grounds.close();
    }
  }
}
