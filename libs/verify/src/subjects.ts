import type { Definitions } from './definitions.js';
import type { Effect, Operation } from './history.js';
import type { TaskEntry, TaskHistory } from './task-history.js';

/** Things that several tasks share: a law may be about all of these tasks together. */
export const SUBJECTS = [
  'schedule',
  'key',
  'limit',
  'sequence',
  'queue',
  'run',
  'broadcast',
  'worker',
  'group',
] as const;
export type SubjectKind = (typeof SUBJECTS)[number];

/** Tasks that share something: the name is that of the schedule, the limit, the queue, the run, the group, `queue/key`, or `worker/life`. */
export interface Subject {
  kind: SubjectKind;
  name: string;
  tasks: TaskHistory[];
}

/** The submit of a task; `undefined`: nobody submitted it, or nothing was written down of it. */
export function submitOf({ operations }: TaskHistory): Operation | undefined {
  return operations.find(({ op }) => op === 'submit');
}

/** The fire that made the task; `undefined`: it was submitted. */
export function fireOf({ effects }: TaskHistory): NonNullable<TaskHistory['effects'][0]['fire']> | undefined {
  return effects.find(({ fire }) => fire !== undefined)?.fire;
}

/** The place of the task in a run; `undefined`: it is no step. */
export function stepOf({ effects }: TaskHistory): NonNullable<TaskHistory['effects'][0]['flow']> | undefined {
  return effects.find(({ flow }) => flow !== undefined)?.flow;
}

export function broadcastOf({ effects }: TaskHistory): string | undefined {
  return effects.find(({ broadcast }) => broadcast !== undefined)?.broadcast;
}

/** Nobody submitted it by itself: a schedule, a run or a broadcast made it. */
export const isMade = (task: TaskHistory): boolean =>
  fireOf(task) !== undefined || stepOf(task) !== undefined || broadcastOf(task) !== undefined;

/** The run that the task is of: a step, or the run itself. */
function runNameOf(task: TaskHistory): string | undefined {
  const isRun = submitOf(task)?.flow !== undefined;
  return isRun ? task.operations.find(({ id }) => id !== undefined)?.id : stepOf(task)?.run;
}

/** The subjects of a task. Tenants share a queue only where their weights were set. */
export function* subjectsOf(task: TaskHistory, definitions: Definitions): Generator<[kind: SubjectKind, name: string]> {
  const submit = submitOf(task);
  const queue = submit?.queue ?? 'default';
  const fire = fireOf(task);
  if (fire !== undefined) yield ['schedule', fire.schedule];
  if (submit?.unique !== undefined) yield ['key', `${queue}/${submit.unique.key}`];
  for (const limit of limitsOf(task)) yield ['limit', limit];
  if (submit?.sequence !== undefined) yield ['sequence', `${queue}/${submit.sequence}`];
  const run = runNameOf(task);
  if (run !== undefined) yield ['run', run];
  const broadcast = broadcastOf(task);
  if (broadcast !== undefined) yield ['broadcast', broadcast];
  if (submit?.apart !== undefined) yield ['group', submit.apart.group];
  for (const worker of new Set(task.effects.filter(({ needs }) => needs !== undefined).map(lifeOf)))
    yield ['worker', worker];
  if (submit !== undefined && definitions.queue(queue).length > 0) yield ['queue', queue];
}

/** The worker in one of its lives. */
export const lifeOf = ({ worker, life }: Pick<Effect, 'worker' | 'life'>): string => `${worker}/${life ?? ''}`;

export function limitsOf(task: TaskHistory): ReadonlySet<string> {
  return new Set([...task.operations, ...task.effects].flatMap(({ limits = [] }) => limits));
}

/** All lines of a task, as they were added. */
export function* entriesOf({ operations, effects, writes }: TaskHistory): Generator<TaskEntry> {
  for (const entry of operations) yield { from: 'operations', entry };
  for (const entry of effects) yield { from: 'effects', entry };
  for (const entry of writes) yield { from: 'resource', entry };
}

/** Whether a key, a limit or a sequence may hold it back although workers are free. */
export function isHeldBack(task: TaskHistory): boolean {
  const { unique, sequence } = submitOf(task) ?? {};
  return unique !== undefined || sequence !== undefined || limitsOf(task).size > 0;
}
