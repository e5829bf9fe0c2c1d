import { operationsProblem } from '../check-arguments.js';
import { ZooKeeperError } from '../errors.js';

/** The error of a request that is refused before it is sent. `failedIndex`: of the operation at fault. */
export function badArguments(op: string, path: unknown, message: string, failedIndex?: number): ZooKeeperError {
  return new ZooKeeperError({
    code: 'BAD_ARGUMENTS',
    op,
    outcome: 'not-applied',
    message,
    ...(typeof path === 'string' ? { path } : {}),
    ...(failedIndex === undefined ? {} : { failedIndex }),
  });
}

/** The first operation that cannot be sent; `null`: there is none. */
export function badOperations(op: 'multi' | 'multiRead', operations: unknown): ZooKeeperError | null {
  const problem = operationsProblem(op, operations);
  return problem === null ? null : badArguments(op, problem.path, problem.message, problem.index);
}
