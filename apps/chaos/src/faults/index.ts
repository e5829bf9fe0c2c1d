import type { Fault } from '../system.js';
import { clockJump } from './clocks.js';
import { cuts } from './cuts.js';
import { deploys } from './deploys.js';
import { diskFaults } from './disks.js';
import { apiKills } from './api-threads.js';
import { kills, pauses } from './processes.js';
import { sessionFaults } from './session.js';
import { zooKeeperFaults } from './zookeeper.js';

/** Every kind of fault that there is; `--faults` names them. */
export const FAULTS: readonly Fault[] = [
  ...kills,
  ...pauses,
  ...cuts,
  ...zooKeeperFaults,
  ...sessionFaults,
  clockJump,
  ...diskFaults,
  ...deploys,
  ...apiKills,
];
