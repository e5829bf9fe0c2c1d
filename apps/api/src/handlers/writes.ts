import { Operations } from '../bulk/operations.js';
import { Previews } from '../bulk/previews.js';
import { broadcastHandlers } from './broadcasts.js';
import { bulkHandlers } from './bulk.js';
import { groupHandlers } from './groups.js';
import { outputHandlers } from './output.js';
import { startHandlers } from './start-run.js';
import type { Handlers } from './handler.js';
import { limitHandlers } from './limits.js';
import { queueCommandHandlers } from './queue-commands.js';
import { resourceHandlers } from './resources.js';
import { resultHandlers } from './results.js';
import { scheduleHandlers } from './schedules.js';
import { submitHandlers } from './submit.js';
import { taskCommandHandlers } from './task-commands.js';
import { workerCommandHandlers } from './worker-commands.js';

/** Everything that changes something, and results. `operations`: the bulk actions that run here. */
export interface Writes {
  readonly handlers: Handlers;
  readonly operations: Operations;
  readonly previews: Previews;
}

/** One for each replica: it holds what runs and waits there. */
export function createWrites(): Writes {
  const operations = new Operations();
  const previews = new Previews();
  const handlers = {
    ...submitHandlers,
    ...resultHandlers,
    ...taskCommandHandlers,
    ...queueCommandHandlers,
    ...workerCommandHandlers,
    ...scheduleHandlers,
    ...limitHandlers,
    ...resourceHandlers,
    ...startHandlers,
    ...outputHandlers,
    ...groupHandlers,
    ...broadcastHandlers,
    ...bulkHandlers(previews, operations),
  };
  return { handlers, operations, previews };
}
