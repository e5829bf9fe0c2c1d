import type { SessionState } from '../port.js';

/**
 * connecting -- handshake --> connected -- connection lost, or the lease ran out --> suspended -- handshake --> connected
 *
 * The server alone says `expired`, in a handshake; `close()` leads to `closed` from everywhere but `expired`.
 */
export const SESSION_TRANSITIONS = {
  connecting: ['connected', 'expired', 'closed'],
  connected: ['suspended', 'closed'],
  suspended: ['connected', 'expired', 'closed'],
  expired: [],
  closed: [],
} as const satisfies Record<SessionState, readonly SessionState[]>;

export function mayBecome(from: SessionState, to: SessionState): boolean {
  return (SESSION_TRANSITIONS[from] as readonly SessionState[]).includes(to);
}

export function isFinal(state: SessionState): state is 'expired' | 'closed' {
  return SESSION_TRANSITIONS[state].length === 0;
}
