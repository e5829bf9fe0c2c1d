import { DEFAULT_QUEUE, parseTaskId } from '@drover/core';
import { decodeFlowHeader, decodeNotes, flowPath, notePath, type FlowHeader } from '@drover/protocol';
import { nullOn, type Znode, type ZooKeeper } from '@drover/zookeeper';
import { endIn, notesInOrder, type EndedRun } from './run-records.js';

/** All that the znodes of a run say of it. How far its steps are, the leader alone knows. */
export interface StoredRun {
  readonly run: string;
  /** Name of the flow. */
  readonly flow: string;
  readonly queue: string;
  /** Hash of the plan. */
  readonly plan: string;
  /** By ZooKeeper's clock. */
  readonly startedAt: number;
  /** Null: it has not ended. */
  readonly end: (EndedRun & { readonly at: number }) | null;
}

/** Null: there is no such run. Rejects with `RecordError` where its records are garbage. */
export async function readStoredRun(zk: ZooKeeper, run: string): Promise<StoredRun | null> {
  const found = await readRunHeader(zk, run);
  if (found === null) return null;
  const { flow, index, header, startedAt } = found;
  const { name, plan, queue = DEFAULT_QUEUE } = header;
  return { run, flow: name, queue, plan, startedAt, end: await endOf(zk, flow, index) };
}

/** The header of its flow; null: there is no such run. Of a run that was started just now it asks once more, after a sync. */
export async function readRunHeader(
  zk: ZooKeeper,
  run: string,
): Promise<{ flow: string; index: number; header: FlowHeader; startedAt: number } | null> {
  const id = parseTaskId(run);
  if (id?.cell !== '') return null;
  const path = flowPath(id.batch);
  const znode = (await nullOn(zk.get(path), 'NO_NODE')) ?? (await afterSync(zk, path));
  if (znode === null) return null;
  const header = decodeFlowHeader(path, znode.data);
  return id.index < header.count ? { flow: id.batch, index: id.index, header, startedAt: znode.stat.ctime } : null;
}

/** The server that answered may not have it yet. */
async function afterSync(zk: ZooKeeper, path: string): Promise<Znode | null> {
  if (!zk.capabilities.sync) return null;
  await zk.sync();
  return nullOn(zk.get(path), 'NO_NODE');
}

async function endOf(zk: ZooKeeper, flow: string, index: number): Promise<StoredRun['end']> {
  const names = notesInOrder((await nullOn(zk.children(flowPath(flow)), 'NO_NODE')) ?? []);
  const znodes = await Promise.all(names.map((name) => nullOn(zk.get(notePath(flow, name)), 'NO_NODE')));
  const notes = znodes.flatMap((znode, i) =>
    znode === null ? [] : decodeNotes(notePath(flow, names[i] ?? ''), znode.data),
  );
  const end = endIn(notes, index);
  if (end === null) return null;
  const told = notes.findLast(
    (note) => note.kind === 'ended' && note.ends.some(([from, to]) => from <= index && index < to),
  );
  return { ...end, at: told !== undefined && 'at' in told ? told.at : 0 };
}
