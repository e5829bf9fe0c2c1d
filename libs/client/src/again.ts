import { sleep, type Runtime } from '@drover/runtime';
import { isZooKeeperError, type ZooKeeper } from '@drover/zookeeper';
import type { Handles } from './connection.js';

const FIRST_MS = 20;
const LONGEST_MS = 1_000;

/**
 * Calls `act` with a connected handle, and calls it again, with growing pauses, after errors that do not come from the
 * request itself. For reads, and for writes that may be done twice.
 */
export async function withHandle<T>(
  handles: Handles,
  runtime: Runtime,
  act: (zk: ZooKeeper) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  let isMended = false;
  for (let tries = 0; ; tries++) {
    try {
      const zk = await handles.ready(signal);
      signal?.throwIfAborted();
      return await act(zk);
    } catch (error) {
      if (isZooKeeperError(error, 'NO_NODE') && handles.mend !== undefined && !isMended) {
        isMended = true;
        await handles.mend().catch(unlessPassing);
      } else unlessPassing(error);
    }
    signal?.throwIfAborted();
    await pause(runtime, tries);
  }
}

function unlessPassing(error: unknown): void {
  if (!isPassing(error)) throw error;
}

/** Errors that say nothing about the request: with a connection, or in a new session, it may be tried again. */
export function isPassing(error: unknown): boolean {
  return isZooKeeperError(
    error,
    'CONNECTION_LOSS',
    'SESSION_EXPIRED',
    'SESSION_MOVED',
    'OPERATION_TIMEOUT',
    'REQUEST_TIMEOUT',
    'THROTTLED',
    'CLOSED',
  );
}

function pause(runtime: Runtime, tries: number): Promise<void> {
  const longest = Math.min(FIRST_MS * 2 ** tries, LONGEST_MS);
  return sleep(runtime, longest * (0.5 + runtime.random() / 2));
}
