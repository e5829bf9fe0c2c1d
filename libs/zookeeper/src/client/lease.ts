/**
 * How long a session is surely ours, and when to ask.
 *
 * The server counts the session timeout T anew from when it *receives* a packet, so it cannot expire the session before
 * the send time of any request that it answered + T. We trust only 2/3 of it: a follower tells the leader of its
 * sessions once in half a tick (T is at least two ticks), and may die before it told; and clocks drift. All times are
 * of the monotonic clock; a machine that is suspended as a whole may stop it, which only fencing can catch.
 */
export interface LeaseView {
  nowMs: number;
  timeoutMs: number;
  /** The time at which the last answered request or ping was sent. */
  answeredSentMs: number;
  /** The time at which anything was last sent. */
  lastSentMs: number;
  pingOutstanding: boolean;
}

export type Heartbeat = { act: 'drop' } | { act: 'ping' | 'wait'; nextMs: number };

export function leaseEndMs(answeredSentMs: number, timeoutMs: number): number {
  return answeredSentMs + (timeoutMs * 2) / 3;
}

/** A quiet connection is pinged six times a timeout: half a lease of stalls and slow replies does no harm. */
export function pingPeriodMs(timeoutMs: number): number {
  return timeoutMs / 6;
}

/**
 * Decides what to do now, and when to decide again. Received data never postpones a ping: only data that we sent keeps
 * the session alive. The end of the lease is also the deadline for a mute peer: nothing answered for 2/3 T.
 */
export function heartbeat(view: LeaseView): Heartbeat {
  const leftMs = leaseEndMs(view.answeredSentMs, view.timeoutMs) - view.nowMs;
  if (leftMs <= 0) return { act: 'drop' };
  if (view.pingOutstanding) return { act: 'wait', nextMs: Math.min(leftMs, pingPeriodMs(view.timeoutMs)) };
  const dueMs = view.lastSentMs + pingPeriodMs(view.timeoutMs) - view.nowMs;
  if (dueMs > 0) return { act: 'wait', nextMs: Math.min(leftMs, dueMs) };
  return { act: 'ping', nextMs: Math.min(leftMs, pingPeriodMs(view.timeoutMs)) };
}
