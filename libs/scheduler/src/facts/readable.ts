import { isZooKeeperError, type ReadResult, type Znode } from '@drover/zookeeper';
import { reportInvalid, type TermContext } from '../term/term-context.js';

/**
 * The result of a read; `null` if there is no such znode, or no permission to read it, which is logged: one closed
 * znode must not keep the leader from leading.
 */
export async function readable<T>(context: TermContext, path: string, read: Promise<T>): Promise<T | null> {
  try {
    return await read;
  } catch (error) {
    without(context, path, error);
    return null;
  }
}

/** Throws errors that are no answer. */
function without(context: TermContext, path: string, error: unknown): 'denied' | null {
  if (isZooKeeperError(error, 'NO_NODE')) return null;
  if (!isZooKeeperError(error, 'NO_AUTH')) throw error;
  reportInvalid(context, path, error);
  return 'denied';
}

/** `null`: there is no such znode. `denied`: this leader has no permission to read it, which is logged. */
export type Readable = Znode | 'denied' | null;

/** The znodes at `paths`, in their order; in one request if the driver can do that. */
export async function readMany(context: TermContext, paths: readonly string[]): Promise<Readable[]> {
  const { zk } = context;
  if (paths.length <= 1 || !zk.capabilities.multiRead)
    return Promise.all(paths.map((path) => zk.get(path).catch((error: unknown) => without(context, path, error))));
  const results = await zk.multiRead(paths.map((path) => ({ op: 'get', path })));
  return results.map((result, at) => znodeOf(context, paths[at] ?? '', result));
}

function znodeOf(context: TermContext, path: string, result: ReadResult): Readable {
  if (result.op === 'get') return result.znode;
  return result.op === 'error' ? without(context, path, result.error) : null;
}
