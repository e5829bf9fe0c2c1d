import { memoryOf, ReadCache } from '@drover/inspect';
import { broadcastPath, batchPath, decodeBatch, decodeBroadcast, type Batch } from '@drover/protocol';
import type { Runtime } from '@drover/runtime';
import { nullOn, type ZooKeeper } from '@drover/zookeeper';

/** Bodies of batches. A body does not change while its work is pending, and one batch comes in many assignments. */
export class BatchCache extends ReadCache<Batch> {
  /** Of broadcasts, by their ids: all their batches have the same. */
  readonly #payloads: ReadCache<string>;

  constructor(zk: ZooKeeper, limitBytes: number, runtime: Runtime) {
    super(zk, limitBytes, runtime, { path: batchPath, decode: decodeBatch, memoryOf });
    this.#payloads = new ReadCache(zk, limitBytes, runtime, {
      path: broadcastPath,
      decode: (path, data) => decodeBroadcast(path, data).payload,
      memoryOf,
    });
  }

  override get(id: string): Promise<Batch> {
    return super.get(id).then((batch) => {
      const { broadcast } = batch.header;
      return broadcast === undefined ? batch : this.#withPayload(batch, broadcast.id);
    });
  }

  /** Without a payload, where somebody has removed the broadcast. */
  async #withPayload(batch: Batch, broadcast: string): Promise<Batch> {
    const payload = await nullOn(this.#payloads.get(broadcast), 'NO_NODE');
    return payload === null ? batch : { ...batch, payload: () => payload };
  }
}
