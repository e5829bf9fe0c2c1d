import { setTimeout as delay } from 'node:timers/promises';
import { parseTaskId, type TaskId } from '@drover/core';
import { batchPath } from '@drover/protocol';
import { systemRuntime } from '@drover/runtime';
import { connectZooKeeper, type ZooKeeper } from '@drover/zookeeper';

/** Longer than any answer takes; when ZooKeeper cannot be reached it is not known, and the work goes on. */
const PATIENCE_MS = 1_000;
const SESSION_MS = 10_000;

/** Reads in which order ZooKeeper accepted submits: over a session of its own, which the client library knows nothing of. */
export class Zxids {
  readonly #connect: string;
  #zk: ZooKeeper | undefined;

  constructor(connect: string) {
    this.#connect = connect;
  }

  /** The zxid that created the batch of the task; `undefined`: ZooKeeper did not answer, or it is removed already. */
  async of(id: TaskId): Promise<string | undefined> {
    const batch = parseTaskId(id)?.batch;
    if (batch === undefined) return undefined;
    const read = this.#session().exists(batchPath(batch));
    const stat = await Promise.race([read, delay(PATIENCE_MS, null, { ref: false })]).catch(() => null);
    return stat === null ? undefined : String(stat.czxid);
  }

  async close(): Promise<void> {
    await this.#zk?.close();
  }

  #session(): ZooKeeper {
    if (this.#zk === undefined || this.#zk.state === 'expired')
      this.#zk = connectZooKeeper({ connect: this.#connect, sessionTimeoutMs: SESSION_MS, runtime: systemRuntime });
    return this.#zk;
  }
}
