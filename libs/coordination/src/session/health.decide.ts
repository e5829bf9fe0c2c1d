import type { Health } from '@drover/runtime';
import type { SessionState } from './session.js';

export interface HealthView {
  state: SessionState;
  /** There has been a connection. */
  hasConnected: boolean;
  /** How long it has been in this state. */
  forMs: number;
  sessionTimeoutMs: number;
  /** The refusal of ZooKeeper, or the reason why the session ended for good. */
  failure: Error | null;
  /** Why there is no connection, where that is known. */
  lastFailure: Error | undefined;
}

/**
 * Ready while the session lives. A short loss of contact stops nothing that runs, so a probe must not end the process
 * for it; after a session timeout the server may have given the session up.
 */
export function healthOf(view: HealthView): Health {
  return { ...readinessOf(view), hasConnected: view.hasConnected };
}

function readinessOf({
  state,
  forMs,
  sessionTimeoutMs,
  failure,
  lastFailure,
}: HealthView): Omit<Health, 'hasConnected'> {
  if (failure !== null) return { ready: false, why: failure.message };
  const because = lastFailure === undefined ? '' : `: ${lastFailure.message}`;
  const seconds = `${(forMs / 1_000).toFixed(1)} s`;
  switch (state) {
    case 'connected':
      return { ready: true, why: 'ok' };
    case 'suspended':
      return forMs < sessionTimeoutMs
        ? { ready: true, why: `lost contact with ZooKeeper ${seconds} ago; the session may still be alive${because}` }
        : { ready: false, why: `no contact with ZooKeeper for ${seconds}${because}` };
    case 'connecting':
    case 'expired':
      return { ready: false, why: `connecting to ZooKeeper for ${seconds}${because}` };
    case 'closed':
      return { ready: false, why: 'stopped' };
  }
}
