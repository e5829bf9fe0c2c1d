import { RecordError, type BatchId } from '@drover/core';
import { decodeNotes, notePath } from '@drover/protocol';
import { nullOn, type ZooKeeper } from '@drover/zookeeper';

/**
 * The payload of the signal of a step, from the note that has it. Throws `RecordError` where the note is gone, or says
 * nothing of it.
 */
export async function readSignal(
  zk: ZooKeeper,
  flow: BatchId,
  run: number,
  step: string,
  note: string,
): Promise<unknown> {
  const path = notePath(flow, note);
  const znode = await nullOn(zk.get(path), 'NO_NODE');
  if (znode === null) throw new RecordError(path, `is gone, and with it what came with the signal '${step}'`);
  for (const line of decodeNotes(path, znode.data))
    if (line.kind === 'signal' && line.run === run && line.step === step) return line.payload ?? null;
  throw new RecordError(path, `says nothing of the signal '${step}' of run ${run}`);
}
