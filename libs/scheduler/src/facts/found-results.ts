import type { BatchId } from '@drover/core';
import {
  batchPath,
  compareResultNames,
  parseResultName,
  resultName,
  resultPath,
  type ResultName,
} from '@drover/protocol';
import { reportInvalid, type TermContext } from '../term/term-context.js';
import { readEnds, type ReadEnds } from './batch-facts.js';
import { isDeadly } from './deaths.js';
import { portions } from './load-order.js';
import { readable, readMany } from './readable.js';

/** A result that was read. */
export interface Found {
  readonly name: ResultName;
  /** The time at which it was written, by ZooKeeper's clock; 0: this leader has no permission to read it. */
  readonly at: number;
  /** `null`: it is garbage, or this leader has no permission to read it. */
  readonly read: ReadEnds | null;
  /** The data, only if it says why a task failed. */
  readonly data: Uint8Array | null;
}

/** Results that one request reads. */
const PORTION = 16;

/** The name of a result; `null`: it is no such name, which is reported. */
export function resultNamed(context: TermContext, batch: BatchId, text: string): ResultName | null {
  const name = parseResultName(text);
  if (name === null) reportInvalid(context, resultPath(batch, text), 'no name of a result');
  return name;
}

/** Names of everything that is below the batch now. */
export async function childrenNow(context: TermContext, batch: BatchId): Promise<string[]> {
  const path = batchPath(batch);
  return (await readable(context, path, context.zk.children(path))) ?? [];
}

/** Results of a batch of `count` tasks, in the order in which they came about; without those that are gone. */
export async function readResults(
  context: TermContext,
  batch: BatchId,
  count: number,
  names: readonly ResultName[],
): Promise<Found[]> {
  const found: Found[] = [];
  for (const some of portions([...names].sort(compareResultNames), () => PORTION)) {
    const paths = some.map((name) => resultPath(batch, resultName(name)));
    const znodes = await readMany(context, paths);
    some.forEach((name, at) => {
      const znode = znodes[at] ?? null;
      if (znode === 'denied') found.push({ name, at: 0, read: null, data: null });
      else if (znode !== null) found.push(decoded(context, name, paths[at] ?? '', znode, count));
    });
  }
  return found;
}

function decoded(
  context: TermContext,
  name: ResultName,
  path: string,
  { data, stat }: { data: Uint8Array; stat: { ctime: number } },
  count: number,
): Found {
  const at = context.clock.past(stat.ctime);
  try {
    const read = readEnds(path, data, count);
    return { name, at, read, data: isDeadly(read.ends) ? data : null };
  } catch (error) {
    reportInvalid(context, path, error);
    return { name, at, read: null, data: null };
  }
}

/**
 * Whether it cannot be known which tasks of the batch the result is about: it is garbage, or a leader wrote it after
 * taking away an assignment that it could not read.
 */
export const isUnaccounted = ({ name, read }: Found): boolean =>
  read === null || (name.part === 'end' && read.ends.length === 0 && read.told === undefined);
