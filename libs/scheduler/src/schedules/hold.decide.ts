/** Why nothing is fired now. */
export type Hold =
  /** ZooKeeper's clock is `aheadMs` before this host's (behind it, where that is negative). */
  { kind: 'skew'; aheadMs: number } | { kind: 'intake'; reason: string };

/** As it is shown. */
export function shownHold(hold: Hold | null): { code: Hold['kind']; reason: string } | null {
  if (hold === null) return null;
  if (hold.kind === 'intake') return { code: 'intake', reason: `no tasks are accepted: ${hold.reason}` };
  const { aheadMs } = hold;
  const by = `${Math.round(Math.abs(aheadMs) / 1_000)} s`;
  return {
    code: 'skew',
    reason: `ZooKeeper's clock is ${by} ${aheadMs > 0 ? 'ahead of' : 'behind'} the leader's; mend the one that is wrong`,
  };
}

/**
 * Fires are held while the clocks of ZooKeeper and of this host disagree, for a mark that a false clock has moved is not
 * moved back; and while the system accepts no tasks. `null`: nothing holds them.
 */
export function decideHold(
  { zookeeperMs, hostMs, maxSkewMs }: { zookeeperMs: number; hostMs: number; maxSkewMs: number },
  closed: string | null,
): Hold | null {
  const aheadMs = zookeeperMs - hostMs;
  if (Math.abs(aheadMs) > maxSkewMs) return { kind: 'skew', aheadMs };
  return closed === null ? null : { kind: 'intake', reason: closed };
}
