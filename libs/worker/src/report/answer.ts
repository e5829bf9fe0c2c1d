import { isZooKeeperError } from '@drover/zookeeper';
import type { Report } from './report.js';

/** The consequences of the answer to a transaction of reports. */
export interface Settlement {
  accepted: Report[];
  /** Their assignments are gone: nothing of them will ever be accepted. */
  revoked: Report[];
  /** Their rivals are gone: with a copy the leader decides, the other attempt is sent anew without it. */
  unrivalled: Report[];
  /** To be sent again, as they are. */
  again: Report[];
  /** Together more than the servers accept in a request: to be sent in smaller pieces. */
  tooLarge: Report[];
  /** `connected`: once connected again; `later`: ZooKeeper refused for a reason that may pass; `over`: no session. */
  when: 'now' | 'connected' | 'later' | 'over';
}

/** `error`: what the transaction failed with; `null` where it was applied. */
export function settle(reports: readonly Report[], error: unknown): Settlement {
  const nothing = { accepted: [], revoked: [], unrivalled: [], again: [], tooLarge: [] };
  const all = [...reports];
  if (error === null) return { ...nothing, accepted: all, when: 'now' };
  if (isZooKeeperError(error, 'SESSION_EXPIRED', 'CLOSED')) return { ...nothing, again: all, when: 'over' };
  // The outcome does not matter: the same names are used again, and a name that exists had been applied.
  if (isZooKeeperError(error, 'REQUEST_TOO_LARGE')) return { ...nothing, tooLarge: all, when: 'now' };
  const isUnknown = isZooKeeperError(error) && (error.outcome === 'unknown' || error.code === 'CONNECTION_LOSS');
  if (isUnknown) return { ...nothing, again: all, when: 'connected' };
  const { culprit, at } = culpritOf(reports, error);
  if (culprit === undefined) return { ...nothing, again: all, when: 'later' };
  const again = reports.filter((report) => report !== culprit);
  // The result is there: an earlier try, whose answer was lost, had been applied.
  if (isZooKeeperError(error, 'NODE_EXISTS')) return { ...nothing, accepted: [culprit], again, when: 'now' };
  if (at === RIVAL) return { ...nothing, unrivalled: [culprit], again, when: 'now' };
  return { ...nothing, revoked: [culprit], again, when: 'now' };
}

/** The place of the rival among the operations of a report. */
const RIVAL = 2;

/** The report whose operation failed, and which of its operations. */
function culpritOf(reports: readonly Report[], error: unknown): { culprit: Report | undefined; at: number } {
  const none = { culprit: undefined, at: 0 };
  if (!isZooKeeperError(error, 'NODE_EXISTS', 'NO_NODE') || error.failedIndex === undefined) return none;
  let first = 0;
  for (const report of reports) {
    const { length } = report.operations;
    if (error.failedIndex < first + length) return { culprit: report, at: error.failedIndex - first };
    first += length;
  }
  return none;
}
