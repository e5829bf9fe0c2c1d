import { parseTaskId, RecordError, type BatchId } from '@drover/core';
import { decodeRecord, requestKeyPath } from '@drover/protocol';
import { reportInvalid, type TermContext } from '../term/term-context.js';
import { readable } from './readable.js';

/**
 * Removes the key of the request that started a run or a broadcast, before these are removed: a leader that dies in between leaves
 * what the next one removes again, and no key without an owner. Only leaders remove keys, but a hand may have: then another request
 * may have the key by now, and it stays.
 */
export async function freeRequestKey(context: TermContext, requestKey: string | undefined, id: BatchId): Promise<void> {
  if (requestKey === undefined) return;
  const path = requestKeyPath(requestKey);
  const znode = await readable(context, path, context.zk.get(path));
  if (znode === null || !context.active()) return;
  try {
    if (parseTaskId(decodeRecord('key', path, znode.data).task)?.batch !== id) return;
  } catch (error) {
    reportInvalid(context, path, error);
    if (error instanceof RecordError && error.isNewer) return;
    // An unreadable key names nothing, so nothing else would ever remove it.
  }
  const answer = await context.writer.attempt([{ op: 'delete', path, version: znode.stat.version }]);
  if (answer?.applied === false && answer.code !== 'NO_NODE' && answer.code !== 'BAD_VERSION') context.refused(answer);
}
