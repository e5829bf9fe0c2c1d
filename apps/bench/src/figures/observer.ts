import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import type { WatchEvent, ZooKeeper } from '@drover/zookeeper';
import { openHandle, type ConnectionFlags } from '../ensemble-connection.js';

const POLL_MS = 100;

/** Looks at the znodes from outside: what happened when, by ZooKeeper's own word and not the scheduler's. */
export class Observer {
  readonly zk: ZooKeeper;
  #listener: (event: WatchEvent, atMs: number) => void = () => undefined;

  private constructor(zk: ZooKeeper) {
    this.zk = zk;
  }

  static async open(root: { zk: string; connection: ConnectionFlags }): Promise<Observer> {
    const zk = openHandle(root.zk, root.connection);
    await zk.connected();
    const observer = new Observer(zk);
    const watcher = {
      event: (event: WatchEvent): void => {
        observer.#listener(event, performance.now());
      },
      reset: () => undefined,
    };
    await zk.watch('/leader', 'recursive', watcher);
    await zk.watch('/assignments', 'recursive', watcher);
    return observer;
  }

  /** When a znode that `wanted` accepts was first seen to change so, in ms of `performance.now()`. */
  seen(type: WatchEvent['type'], wanted: (path: string) => boolean): Promise<number> {
    return new Promise((resolve) => {
      const earlier = this.#listener;
      this.#listener = (event, atMs) => {
        earlier(event, atMs);
        if (event.type === type && wanted(event.path)) resolve(atMs);
      };
    });
  }

  /** Every znode below the root. */
  count(): Promise<number> {
    return this.zk.countDescendants('/');
  }

  /** Resolves when retention has removed every batch. */
  async noBatches(): Promise<void> {
    for (;;) {
      const buckets = await Promise.all(
        (await this.zk.children('/tasks')).map((name) => this.zk.exists(`/tasks/${name}`)),
      );
      if (buckets.every((stat) => stat?.numChildren === 0)) return;
      await setTimeout(POLL_MS);
    }
  }

  /** Transactions that ZooKeeper has had since its last election. */
  async transactions(): Promise<number> {
    await this.zk.sync('/');
    const { zxid } = await this.zk.create('/observer', '', { mode: 'ephemeral' });
    await this.zk.delete('/observer');
    return Number(zxid & 0xffff_ffffn);
  }

  close(): Promise<void> {
    return this.zk.close();
  }
}
