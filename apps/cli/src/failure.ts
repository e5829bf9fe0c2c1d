import { constants } from 'node:os';
import { DroverError, type ErrorCategory } from '@drover/core';
import { EXIT } from './exit-codes.js';
import { OutputClosedError } from './terminal/output.js';

/** Thrown when the command line or the input is not valid; nothing was done. */
export class UsageError extends DroverError {
  override readonly name = 'UsageError';
  override readonly category = 'usage';
}

/** Rejects the waits that are under way when the process is asked to stop. */
export class InterruptedError extends DroverError {
  override readonly name = 'InterruptedError';
  readonly signal: NodeJS.Signals;
  constructor(signal: NodeJS.Signals) {
    super(`stopped by ${signal}`);
    this.signal = signal;
  }
}

const EXIT_OF: Readonly<Record<ErrorCategory, number>> = {
  usage: EXIT.USAGE,
  unreachable: EXIT.UNREACHABLE,
  failure: EXIT.FAILED,
};
const UNREACHABLE_CODES = new Set(['CONNECTION_LOSS', 'OPERATION_TIMEOUT', 'SESSION_EXPIRED']);

export function exitCodeOf(error: unknown): number {
  if (error instanceof OutputClosedError) return EXIT.DONE;
  // Shells use this code too.
  if (error instanceof InterruptedError) return 128 + constants.signals[error.signal];
  if (isDroverError(error)) return EXIT_OF[error.category];
  return isLostConnection(error) ? EXIT.UNREACHABLE : EXIT.FAILED;
}

/** Tested by its field: the benchmark is not in the bundle of the command, and so has classes of its own. */
function isDroverError(error: unknown): error is DroverError {
  return error instanceof Error && 'category' in error && Object.hasOwn(EXIT_OF, String(error.category));
}

/** Tested by the code of the error, since its class is in a library that `drover --help` must not load. */
function isLostConnection(error: unknown): boolean {
  return error instanceof Error && 'code' in error && UNREACHABLE_CODES.has(String(error.code));
}

/** The failure in words for people, without a stack trace unless `debug`. Empty: there is nothing to say. */
export function describeFailure(error: unknown, { debug }: { debug: boolean }): string {
  if (error instanceof OutputClosedError) return '';
  if (!(error instanceof Error)) return `failed with ${String(error)}`;
  if (debug) return withCauses(error);
  // Drover's own errors are written for people; for any other error the class is shown too.
  return isForPeople(error) ? error.message : `${error.name}: ${error.message} (--debug shows the stack trace)`;
}

/**
 * True for an error whose class sets a name of its own (as `PortTakenError` does, and `TypeError` does not): its
 * message is written for people.
 */
function isForPeople(error: Error): boolean {
  return isDroverError(error) || Object.hasOwn(error, 'name');
}

function withCauses(error: Error): string {
  const { stack = `${error.name}: ${error.message}`, cause } = error;
  return cause instanceof Error ? `${stack}\ncaused by ${withCauses(cause)}` : stack;
}
