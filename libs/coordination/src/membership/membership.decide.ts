export interface MembershipView {
  /** Session that owns the znode; `null`: there is none. */
  owner: bigint | null;
  session: bigint;
  /** Sessions that this very process had before. */
  earlierSessions: readonly bigint[];
}

/**
 * create: we are not registered · registered: ours · remove-leftover: of an earlier session of ours, the server has not
 * ended it yet · wait: another process has our name; the watch tells when it goes.
 */
export type MembershipStep = 'create' | 'registered' | 'remove-leftover' | 'wait';

export function decideMembership({ owner, session, earlierSessions }: MembershipView): MembershipStep {
  if (owner === null) return 'create';
  if (owner === session) return 'registered';
  return earlierSessions.includes(owner) ? 'remove-leftover' : 'wait';
}
