import type { ZooKeeperServer } from '@drover/embedded';
import type { Server } from '../system.js';
import type { Disk } from './disk.js';
import { SlowSync } from './slow-sync.js';

/** One ZooKeeper of the ensemble, with what can be done to its process and its disk. */
export class EnsembleServer implements Server {
  readonly number: number;
  readonly address: string;
  heldBy: string | undefined;
  readonly #process: ZooKeeperServer;
  readonly #disk: Disk | string;
  #slow: SlowSync | undefined;

  /** `disk`: its own, or why it has none. */
  constructor(number: number, process: ZooKeeperServer, address: string, disk: Disk | string) {
    this.number = number;
    this.address = address;
    this.#process = process;
    this.#disk = disk;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  start(): Promise<void> {
    return this.#process.launch();
  }

  async stop(signal: NodeJS.Signals): Promise<void> {
    if (signal === 'SIGSTOP') this.#process.pause();
    else if (signal === 'SIGCONT') this.#process.resume();
    else if (signal === 'SIGTERM') await this.#process.stop();
    else if (signal === 'SIGKILL') await this.#process.kill();
    else throw new Error(`${signal} to zookeeper-${this.number}: give SIGTERM, SIGKILL, SIGSTOP or SIGCONT`);
  }

  state(): Promise<'leader' | 'follower' | 'standalone' | undefined> {
    return this.#process.mode() as Promise<'leader' | 'follower' | 'standalone' | undefined>;
  }

  ready(): Promise<void> {
    return this.#process.ready();
  }

  async diskFull(on: boolean): Promise<void> {
    if (typeof this.#disk === 'string')
      throw new Error(`zookeeper-${this.number} has no disk of its own: ${this.#disk}`);
    await (on ? this.#disk.fill() : this.#disk.free());
  }

  async diskSlow(ms: number | 'off'): Promise<void> {
    await this.#slow?.stop();
    this.#slow = undefined;
    if (ms === 'off') return;
    if (this.pid === undefined) throw new Error(`zookeeper-${this.number} does not run: nothing syncs`);
    this.#slow = await SlowSync.start(this.pid, ms);
  }

  async close(): Promise<void> {
    await this.#slow?.stop();
    await this.#process.kill();
    if (typeof this.#disk !== 'string') await this.#disk.unmount();
  }
}
