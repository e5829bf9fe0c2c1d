import type { BatchId } from '@drover/core';
import { broadcastPath, BUCKETS, decodeBroadcast, parseBroadcastsPath, ROOTS } from '@drover/protocol';
import { readable, readMany, type Readable } from '../facts/readable.js';
import { reportInvalid, type TermContext } from '../term/term-context.js';
import { Broadcast } from './book.js';

/** Broadcasts of one request: each may have a payload. */
const AT_ONCE = 16;

/** Reads all broadcasts. One that cannot be read stops no others. */
export async function loadBroadcasts(context: TermContext, learn: (broadcast: Broadcast) => void): Promise<void> {
  const lists = await Promise.all(BUCKETS.map((bucket) => namesIn(context, `${ROOTS.broadcasts}/${bucket}`)));
  const ids = lists.flat().sort();
  for (let from = 0; from < ids.length && context.active(); from += AT_ONCE) {
    const some = ids.slice(from, from + AT_ONCE);
    const znodes = await readMany(context, some.map(broadcastPath));
    some.forEach((id, at) => {
      const broadcast = broadcastOf(context, id, znodes[at] ?? null);
      if (broadcast !== null) learn(broadcast);
    });
  }
}

/** One that was just created; `null`: it cannot be read, which is told, or is gone. */
export async function readBroadcast(context: TermContext, id: BatchId): Promise<Broadcast | null> {
  const path = broadcastPath(id);
  return broadcastOf(context, id, await readable(context, path, context.zk.get(path)));
}

async function namesIn(context: TermContext, directory: string): Promise<BatchId[]> {
  const names = (await readable(context, directory, context.zk.children(directory))) ?? [];
  return names.filter((name) => parseBroadcastsPath(`${directory}/${name}`) !== null);
}

function broadcastOf(context: TermContext, id: BatchId, znode: Readable): Broadcast | null {
  if (znode === null || znode === 'denied') return null;
  try {
    const { record } = decodeBroadcast(broadcastPath(id), znode.data);
    const until = context.clock.past(znode.stat.ctime) + record.joinersMs;
    return new Broadcast(id, record, { order: znode.stat.czxid, until, submittedAt: znode.stat.ctime });
  } catch (error) {
    reportInvalid(context, broadcastPath(id), error);
    return null;
  }
}
