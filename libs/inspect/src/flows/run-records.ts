import { RecordError, type BatchId } from '@drover/core';
import { parsePlan, type Plan } from '@drover/flow';
import {
  compareResultNames,
  decodeFlow,
  decodeNotes,
  flowPath,
  notePath,
  parseResultName,
  planPath,
  type FlowRecord,
  type NoteRecord,
  type ReadRecord,
  type RunEnd,
} from '@drover/protocol';
import { nullOn, type ZooKeeper } from '@drover/zookeeper';

/** A run that has ended. `outputs`: where the results are that its result is made of. */
export interface EndedRun {
  readonly state: RunEnd;
  readonly reason: string | null;
  readonly outputs: readonly ReadRecord[];
}

/** Throws `RecordError` where the flow is gone or is garbage. */
export async function readFlow(zk: ZooKeeper, flow: BatchId): Promise<FlowRecord> {
  const path = flowPath(flow);
  const znode = await nullOn(zk.get(path), 'NO_NODE');
  if (znode === null) throw new RecordError(path, 'is gone: there is no such flow, or retention has removed it');
  return decodeFlow(path, znode.data);
}

/** Throws `RecordError` where the plan is gone or makes no sense. */
export async function readPlan(zk: ZooKeeper, hash: string): Promise<Plan> {
  const path = planPath(hash);
  const znode = await nullOn(zk.get(path), 'NO_NODE');
  if (znode === null) throw planGone(path);
  return planOf(path, znode.data);
}

/** `cause`: what ZooKeeper said. */
export const planGone = (path: string, cause?: unknown): RecordError =>
  new RecordError(path, 'is gone: somebody removed the plan of a flow that is there', { cause });

const text = new TextDecoder();

/** Throws `RecordError`. */
export function planOf(path: string, data: Uint8Array): Plan {
  try {
    return parsePlan(text.decode(data));
  } catch (error) {
    throw new RecordError(path, error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** The end of a run, as notes tell it, in their order; `null`: it has not ended. */
export function endIn(notes: Iterable<NoteRecord>, run: number): EndedRun | null {
  let found: EndedRun | null = null;
  for (const note of notes) {
    if (note.kind === 'retry' && note.runs.some(([from, to]) => from <= run && run < to)) found = null;
    if (note.kind !== 'ended') continue;
    const end = note.ends.find(([from, to]) => from <= run && run < to);
    if (end !== undefined) found = { state: end[2], reason: end[3] ?? null, outputs: note.outputs ?? [] };
  }
  return found;
}

/** Names of notes in the order in which they were written; what is none is left out. */
export function notesInOrder(names: readonly string[]): string[] {
  const parsed = names.flatMap((name) => {
    const parts = parseResultName(`${name}.0`);
    return parts?.part === 0 ? [{ name, parts }] : [];
  });
  return parsed.sort((a, b) => compareResultNames(a.parts, b.parts)).map(({ name }) => name);
}

/** The notes of a flow; `null`: the flow is gone. Throws `RecordError` for a note that is garbage. */
export async function readNotes(zk: ZooKeeper, flow: BatchId): Promise<NoteRecord[] | null> {
  const names = await nullOn(zk.children(flowPath(flow)), 'NO_NODE');
  if (names === null) return null;
  const ordered = notesInOrder(names);
  const znodes = await Promise.all(ordered.map((name) => zk.get(notePath(flow, name))));
  return znodes.flatMap(({ data }, i) => decodeNotes(notePath(flow, ordered[i] ?? ''), data));
}
