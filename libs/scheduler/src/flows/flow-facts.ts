import { decodeFlowHeader, decodeNotes, flowPath, notePath, parseAssignmentName } from '@drover/protocol';
import type { BatchId } from '@drover/core';
import type { FlowFact, NamedNote } from '@drover/flow';
import type { Znode } from '@drover/zookeeper';
import { readable, readMany } from '../facts/readable.js';
import { reportInvalid, type TermContext } from '../term/term-context.js';

/** Notes that one request reads. */
const PORTION = 64;

/** A flow with its notes, as it was read. Throws `RecordError` where its header is none. */
export async function readFlow(context: TermContext, id: BatchId, { data, stat }: Znode): Promise<FlowFact> {
  const header = decodeFlowHeader(flowPath(id), data);
  const notes = stat.numChildren > 0 ? await readNotes(context, id) : [];
  return { id, header, order: stat.czxid, submittedAt: context.clock.past(stat.ctime), notes };
}

/** In their order. A note that cannot be read is reported, and left out. */
async function readNotes(context: TermContext, flow: BatchId): Promise<NamedNote[]> {
  const path = flowPath(flow);
  const children = (await readable(context, path, context.zk.children(path))) ?? [];
  const names = notesAmong(context, flow, children);
  const notes: NamedNote[] = [];
  for (let from = 0; from < names.length && context.active(); from += PORTION) {
    const some = names.slice(from, from + PORTION);
    const paths = some.map((name) => notePath(flow, name));
    const znodes = await readMany(context, paths);
    some.forEach((name, at) => {
      const znode = znodes[at] ?? null;
      if (znode !== null && znode !== 'denied') notes.push(...decoded(context, flow, name, znode));
    });
  }
  return notes;
}

/** Names of notes, in the order in which they were written. */
function notesAmong(context: TermContext, flow: BatchId, children: readonly string[]): string[] {
  const named = children.flatMap((name) => {
    // A note is named as an assignment is.
    const origin = parseAssignmentName(`${flow}.${name}`);
    if (origin === null) reportInvalid(context, notePath(flow, name), 'no name of a note');
    else if (origin.epoch >= context.epoch) context.epochUsed(origin.epoch);
    return origin === null ? [] : [{ name, ...origin }];
  });
  return named.sort((a, b) => a.epoch - b.epoch || a.n - b.n).map(({ name }) => name);
}

function decoded(context: TermContext, flow: BatchId, name: string, { data, stat }: Znode): NamedNote[] {
  const path = notePath(flow, name);
  try {
    return decodeNotes(path, data).map((note) => {
      const at = context.clock.past(note.at);
      return { name, note: { ...note, at }, order: stat.czxid };
    });
  } catch (error) {
    reportInvalid(context, path, error);
    return [];
  }
}
