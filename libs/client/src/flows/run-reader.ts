import { RunReader } from '@drover/inspect';
import type { Runtime } from '@drover/runtime';
import type { ZooKeeper } from '@drover/zookeeper';

/** Runs whose results are read together are mostly of few flows: so many bytes of each kind are kept. */
const KEPT_BYTES = 8 * 1024 * 1024;
const READERS = new WeakMap<ZooKeeper, RunReader>();

/** The reader of what runs give, of this session. */
export function runReader(zk: ZooKeeper, runtime: Runtime): RunReader {
  const found = READERS.get(zk) ?? new RunReader(zk, runtime, KEPT_BYTES);
  READERS.set(zk, found);
  return found;
}
