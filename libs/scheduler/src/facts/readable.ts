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
    return nothing(context, path, error);
  }
}

/** Throws what is no answer. */
function nothing(context: TermContext, path: string, error: unknown): null {
  if (isZooKeeperError(error, 'NO_NODE')) return null;
  if (!isZooKeeperError(error, 'NO_AUTH')) throw error;
  reportInvalid(context, path, error);
  return null;
}

/** The znodes at `paths`, in their order, as `readable` gives them: in one request, where the driver can. */
export async function readMany(context: TermContext, paths: readonly string[]): Promise<(Znode | null)[]> {
  const { zk } = context;
  if (paths.length <= 1 || !zk.capabilities.multiRead)
    return Promise.all(paths.map((path) => readable(context, path, zk.get(path))));
  const results = await zk.multiRead(paths.map((path) => ({ op: 'get', path })));
  return results.map((result, at) => znodeOf(context, paths[at] ?? '', result));
}

function znodeOf(context: TermContext, path: string, result: ReadResult): Znode | null {
  if (result.op === 'get') return result.znode;
  return result.op === 'error' ? nothing(context, path, result.error) : null;
}
