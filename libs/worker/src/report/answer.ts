import { isZooKeeperError } from '@drover/zookeeper';
import type { Report } from './report.js';

/** What follows from the answer to a transaction of reports. */
export interface Settlement {
  accepted: Report[];
  /** Their assignments are gone: nothing of them will ever be accepted. */
  revoked: Report[];
  /** To be sent again, as they are. */
  again: Report[];
  /** `connected`: once connected again; `later`: ZooKeeper refused for a reason that may pass; `over`: no session. */
  when: 'now' | 'connected' | 'later' | 'over';
}

/** `error`: what the transaction failed with; `null` where it was applied. */
export function settle(reports: readonly Report[], error: unknown): Settlement {
  if (error === null) return { accepted: [...reports], revoked: [], again: [], when: 'now' };
  if (isZooKeeperError(error, 'SESSION_EXPIRED', 'CLOSED'))
    return { accepted: [], revoked: [], again: [...reports], when: 'over' };
  const isUnknown = isZooKeeperError(error) && (error.outcome === 'unknown' || error.code === 'CONNECTION_LOSS');
  if (isUnknown) return { accepted: [], revoked: [], again: [...reports], when: 'connected' };
  const culprit = culpritOf(reports, error);
  if (culprit === undefined) return { accepted: [], revoked: [], again: [...reports], when: 'later' };
  const again = reports.filter((report) => report !== culprit);
  // The result is there: an earlier try, whose answer was lost, had been applied.
  if (isZooKeeperError(error, 'NODE_EXISTS')) return { accepted: [culprit], revoked: [], again, when: 'now' };
  return { accepted: [], revoked: [culprit], again, when: 'now' };
}

/** Each report has two operations. */
function culpritOf(reports: readonly Report[], error: unknown): Report | undefined {
  if (!isZooKeeperError(error, 'NODE_EXISTS', 'NO_NODE') || error.failedIndex === undefined) return undefined;
  return reports[error.failedIndex >> 1];
}
