import { ZooKeeperError } from '../errors.js';
import type { CreateOptions, Operation, ReadOperation } from '../port.js';
import { isTtl } from './operations.js';
import { pathProblem } from './paths.js';

/** What is refused before it is sent. `failedIndex`: of the operation at fault. */
export function badArguments(
  op: string,
  path: string | undefined,
  message: string,
  failedIndex?: number,
): ZooKeeperError {
  return new ZooKeeperError({
    code: 'BAD_ARGUMENTS',
    op,
    outcome: 'not-applied',
    message,
    ...(path === undefined ? {} : { path }),
    ...(failedIndex === undefined ? {} : { failedIndex }),
  });
}

/** Why the options of a create do not go together; `null`: they do. */
export function ttlProblem({ mode = 'persistent', ttlMs }: CreateOptions): string | null {
  if (!isTtl(mode)) return ttlMs === undefined ? null : `mode ${mode} has no TTL`;
  if (ttlMs !== undefined && Number.isSafeInteger(ttlMs) && ttlMs > 0) return null;
  return `mode ${mode} needs a ttlMs that is a positive integer, not ${ttlMs}`;
}

/** The first operation that cannot be sent; `null`: there is none. */
export function operationsProblem(
  op: string,
  operations: readonly (Operation | ReadOperation)[],
): ZooKeeperError | null {
  for (const [index, operation] of operations.entries()) {
    const options: CreateOptions = operation.op === 'create' ? operation : {};
    const problem = pathProblem(operation.path, options.mode?.includes('sequential')) ?? ttlProblem(options);
    if (problem !== null) return badArguments(op, operation.path, problem, index);
  }
  return null;
}
