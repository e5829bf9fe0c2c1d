import { isZooKeeperError } from '@drover/zookeeper';

/** Meaning of a failed write of a batch. applied: an earlier try had succeeded · keys: some of its keys are taken. */
export type AfterFailedSend = 'applied' | 'keys' | 'failed';

/**
 * The batch's create comes first in the multi, and its id was drawn for it alone: if that is what exists, then an
 * earlier try whose reply was lost did it, keys included. If a later operation failed, another task holds that key.
 */
export function afterFailedSend(error: unknown): AfterFailedSend {
  if (!isZooKeeperError(error, 'NODE_EXISTS')) return 'failed';
  return (error.failedIndex ?? 0) === 0 ? 'applied' : 'keys';
}
