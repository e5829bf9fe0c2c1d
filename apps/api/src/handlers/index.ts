import { deadHandlers } from './dead.js';
import { electionHandlers } from './election.js';
import { eventHandlers } from './events.js';
import { failureHandlers } from './failures.js';
import { flowHandlers } from './flows.js';
import type { Handlers } from './handler.js';
import { logHandlers } from './logs.js';
import { memberHandlers } from './members.js';
import { overviewHandlers } from './overview.js';
import { placeHandlers } from './places.js';
import { probeHandlers } from './probes.js';
import { scalingHandlers } from './scaling.js';
import { stepTaskHandlers } from './step-tasks.js';
import { taskHandlers } from './tasks.js';
import { zookeeperHandlers } from './zookeeper.js';

/** Handlers that keep nothing of their own, by the names of routes. */
export const HANDLERS: Handlers = {
  ...overviewHandlers,
  ...memberHandlers,
  ...taskHandlers,
  ...flowHandlers,
  ...stepTaskHandlers,
  ...logHandlers,
  ...placeHandlers,
  ...failureHandlers,
  ...deadHandlers,
  ...electionHandlers,
  ...scalingHandlers,
  ...zookeeperHandlers,
  ...eventHandlers,
  ...probeHandlers,
};
