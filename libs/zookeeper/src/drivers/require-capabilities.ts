import { ZooKeeperError } from '../errors.js';
import type { Capabilities, ZooKeeper } from '../port.js';

export type Capability = keyof Capabilities;

/** What a role that decides or reports needs: fences, the leader's mirror, and to know when it is not itself any more. */
export const FENCING_CAPABILITIES = ['multi', 'exactVersions', 'addWatch', 'lease'] as const satisfies Capability[];

/**
 * Refuses a driver that lacks something that `role` needs, before it does harm.
 * Throws `ZooKeeperError` (`UNSUPPORTED`) that names the role, the driver and everything that is missing.
 */
export function requireCapabilities(
  zk: Pick<ZooKeeper, 'driver' | 'capabilities'>,
  needed: readonly Capability[],
  role: string,
): void {
  const missing = needed.filter((capability) => !zk.capabilities[capability]);
  if (missing.length === 0) return;
  throw new ZooKeeperError({
    code: 'UNSUPPORTED',
    op: 'requireCapabilities',
    outcome: 'not-applied',
    message: `a ${role} needs ${missing.join(', ')}, which driver '${zk.driver}' lacks; use driver 'drover'`,
  });
}
