/**
 * Decides the next step of an election from one look at `/epoch` and then `/leader`. See the README for why each of the
 * steps is safe.
 */
export interface ElectionView {
  /** `/epoch`, read first; `null`: there is none yet. `epoch` is 0 where the record cannot be read. */
  epoch: { epoch: number; version: number } | null;
  /**
   * `/leader`, read after it; `null`: nobody leads. Its epoch is that of its own record: the leader may have been
   * elected between the two reads.
   */
  leader: { owner: bigint; version: number; id: string; epoch: number } | null;
  session: bigint;
  /** Sessions that this very process had before. */
  earlierSessions: readonly bigint[];
  /** The highest epoch that this process has heard of. */
  seenEpoch: number;
}

export type ElectionStep =
  /** Nobody leads: try to. `version` of `/epoch`; `null`: create it. */
  | { kind: 'campaign'; epoch: number; version: number | null }
  /** `/leader` is ours already: a new term without a gap. */
  | { kind: 'renew'; epoch: number; version: number | null; leaderVersion: number }
  /** An earlier session of this process left `/leader` behind: remove it. */
  | { kind: 'depose'; version: number }
  | { kind: 'follow'; leader: string; epoch: number };

export function decideElection(view: ElectionView): ElectionStep {
  const { leader } = view;
  const version = view.epoch?.version ?? null;
  const epoch = nextEpoch(view.epoch, view.seenEpoch);
  if (leader === null) return { kind: 'campaign', epoch, version };
  if (leader.owner === view.session) return { kind: 'renew', epoch, version, leaderVersion: leader.version };
  // If `/epoch` was deleted by hand nothing can be fenced: the present leader notices that, and creates it again.
  if (version !== null && view.earlierSessions.includes(leader.owner)) return { kind: 'depose', version };
  return { kind: 'follow', leader: leader.id, epoch: leader.epoch };
}

/** Higher than every epoch before: the znode's version grows by one each time, whatever its record says. */
export function nextEpoch(epoch: ElectionView['epoch'], seenEpoch: number): number {
  return Math.max(seenEpoch, epoch === null ? 0 : Math.max(epoch.epoch, epoch.version + 1)) + 1;
}
