import { ON_DEAD, PENDING_BOUNDS, PLACEMENT, SERVICE_ORDER } from '@drover/core';

/** Commands that change tasks which wait. */
export const CHANGE = 'change';

/** Commands that purge dead letters. */
export const PURGE = 'purge';

/** Commands that erase a task that has ended, and batches with such tasks: these must not run again. */
export const ERASE = 'erase';
/** The batch has the key of a request in `/keys`, which goes with it. */
export const REQUEST_KEY = 'request-key';

/** Tasks of the batch are fires of schedules: some may have to wait, and handlers are told which fire they are. */
export const FIRES = 'fires';
/** Schedules that start runs of flows or broadcasts, and these: some may have to wait, as a fire does. */
export const FIRE_RUNS = 'fire-runs';
/** Tasks of the batch are for one worker each, as a part of a broadcast; and broadcasts themselves. */
export const BROADCAST = 'broadcast';
/** Tasks of the batch name limits. */
export const LIMITED = 'limits';
/** Runs of flows, and batches of their steps and drafts. */
export const FLOWS = 'flows';
/** Tasks of the batch run one at a time, in the order of their submits. */
export const SEQUENCES = 'sequences';

/**
 * The features that records may need: names of features that change the meaning of a record so that a program which
 * does not know them must not act on it. A record says `"needs":["..."]` and is of version 2 exactly then, so that
 * programs from before there were features refuse it too. Workers and schedulers say in their own records what they
 * understand.
 *
 * This program understands these:
 * - `expires`, `deadline`: tasks of the batch must not start, or go on, after a time;
 * - `after`: tasks of the batch wait for others;
 * - `heartbeat`: attempts that tell no progress for a time are over;
 * - `queue-retention`: a queue keeps its finished tasks by settings of its own;
 * - `limits`, `sequences`: tasks of the batch are under limits that they name, or run one at a time in their order;
 * - `unique`: tasks of the batch have a unique key whose mode the leader decides by;
 * - `fires`: tasks of the batch are fires of schedules;
 * - `fire-runs`: schedules that start runs of flows or broadcasts, and these, which may have to wait;
 * - `service-order`: a limit of running tasks for each tenant of a queue, and commands that set weights of tenants,
 *   fairness and minimum shares;
 * - `pending-bounds`: commands that set bounds of unfinished tasks of a queue and of its tenants;
 * - `on-dead`: a queue for whose dead letters tasks are started;
 * - `purge`: commands that purge dead letters, and batches that name them;
 * - `change`: commands that change tasks which wait;
 * - `erase`: commands that erase a task that has ended, and batches that name such tasks;
 * - `request-key`: batches with the key of a request, which is removed with the batch;
 * - `flows`: runs of flows, batches of their steps, and drafts of items, which must wait for their map;
 * - `broadcast`: broadcasts, and the batches of their tasks, each of which is for the workers of one name;
 * - `placement`: tasks of the batch need resources, or may run at some workers only; queues that say so of their tasks.
 *
 * To add one: see "Add a field to a record" in CONTRIBUTING.
 */
export const FEATURES: readonly string[] = [
  'after',
  'expires',
  'deadline',
  'heartbeat',
  'queue-retention',
  FIRES,
  SERVICE_ORDER,
  'unique',
  PENDING_BOUNDS,
  PURGE,
  CHANGE,
  LIMITED,
  SEQUENCES,
  ON_DEAD,
  ERASE,
  REQUEST_KEY,
  FLOWS,
  BROADCAST,
  FIRE_RUNS,
  PLACEMENT,
];

const MOST_NEEDS = 32;
const LONGEST_NAME = 64;

export function isNeeds(value: unknown): value is string[] {
  return Array.isArray(value) && value.length <= MOST_NEEDS && value.every(isFeatureName);
}

const isFeatureName = (name: unknown): boolean =>
  typeof name === 'string' && name.length > 0 && name.length <= LONGEST_NAME;

/** Those of `needs` that are not among `understood`. */
export function notUnderstood(needs: readonly string[], understood: readonly string[] = FEATURES): string[] {
  return needs.filter((name) => !understood.includes(name));
}

/** The field `understands` of the record of a worker or a scheduler; no field if the list is empty. */
export const understanding = (): { understands?: string[] } =>
  FEATURES.length === 0 ? {} : { understands: [...FEATURES] };

/** `'limits', 'sequences'`. */
export const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');
