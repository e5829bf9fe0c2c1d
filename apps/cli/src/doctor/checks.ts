import type { Check } from './check.js';
import { FLEET_CHECKS } from './checks/fleet.js';
import { FLOW_CHECKS } from './checks/flow.js';
import { LEADER_CHECKS } from './checks/leader.js';
import { OBSERVATION_CHECKS } from './checks/observation.js';
import { RECORD_CHECKS } from './checks/records.js';
import { SECURITY_CHECKS } from './checks/security.js';
import { ZOOKEEPER_CHECKS } from './checks/zookeeper.js';

/** Everything that `drover doctor` looks at. */
export const CHECKS: readonly Check[] = [
  ...ZOOKEEPER_CHECKS,
  ...LEADER_CHECKS,
  ...FLEET_CHECKS,
  ...FLOW_CHECKS,
  ...RECORD_CHECKS,
  ...SECURITY_CHECKS,
  ...OBSERVATION_CHECKS,
];
