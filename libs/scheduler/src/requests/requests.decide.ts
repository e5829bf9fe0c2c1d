import {
  changedQueueSettings,
  DEFAULT_QUEUE_SETTINGS,
  isDefaultSetting,
  LIMITS,
  NAME_PATTERN,
  parseTaskId,
  QUEUE_SETTING_NAMES,
  writtenSettings,
  UnknownCellError,
} from '@drover/core';
import type { TaskChange, TaskReply } from '@drover/planner';
import {
  encodeRecord,
  queuePath,
  type ChangeRecord,
  type CommandAnswer,
  type CommandRecord,
  type CommandRequest,
} from '@drover/protocol';
import type { ErrorCode, Operation } from '@drover/zookeeper';
import type { KnownQueue } from '../facts/queues-watcher.js';

/** Pure: decides the effects and the answers of requests. */

export const NOT_WRITTEN = 'ZooKeeper refused the change, or the leader changed; try again';

export interface TaskAddress {
  batch: string;
  index: number;
}
/** The address of each task of the request; `null`: the text is no id of a task of this system. */
export function addressesOf(tasks: readonly string[]): (TaskAddress | null)[] {
  return tasks.map((text) => {
    const address = parseTaskId(text);
    return address?.cell === '' ? address : null;
  });
}

/** Puts the planner's replies (one per address that is not `null`) in the order of the request. */
export function answerTasks(
  tasks: readonly string[],
  addresses: readonly (TaskAddress | null)[],
  replies: readonly TaskReply[],
): CommandAnswer {
  let next = 0;
  const answers = tasks.map((task, i) => {
    const reply = addresses[i] === null ? undefined : replies[next++];
    return reply === undefined ? { task, ok: false, message: whyNoTask(task) } : { task, ...reply };
  });
  return { ok: answers.every(({ ok }) => ok), tasks: answers };
}

/** The reason why `addressesOf` gave no address for `text`. */
export function whyNoTask(text: string): string {
  const cell = parseTaskId(text)?.cell ?? '';
  return cell === '' ? 'not a task id' : new UnknownCellError(cell, text).message;
}

type Change = Pick<Extract<CommandRequest, { kind: 'change' }>, 'delayMs' | 'dueAt' | 'priority' | 'queue' | 'dead'>;

/** Why the change is none; `null`: it is one. Clients check before they ask. */
export function changeProblem({ delayMs, dueAt, priority, queue }: Change, now: number): string | null {
  if (queue !== undefined && !NAME_PATTERN.test(queue)) return `'${queue}' is no name of a queue`;
  if (priority !== undefined && Math.abs(priority) > LIMITS.priority) return `${priority} is no priority`;
  if (Math.max(delayMs ?? 0, (dueAt ?? now) - now) > LIMITS.retryDelayMs) return 'a task can wait for a year at most';
  const isNone = [delayMs, dueAt, priority, queue].every((each) => each === undefined);
  return isNone ? 'the change names no delay, time, priority or queue' : null;
}

export function changeAt({ delayMs, dueAt, priority, queue, dead }: Change, now: number): TaskChange {
  const due = delayMs === undefined ? dueAt : now + delayMs;
  return {
    ...(due !== undefined && { dueAt: due }),
    ...(priority !== undefined && { priority }),
    ...(queue !== undefined && { queue }),
    ...(dead !== undefined && { dead }),
  };
}

type Settings = Extract<CommandRequest, { kind: 'configure' }>['settings'];

/** The requester of a change, as stored with the changed record. */
export function changeOf({ by, reason }: Pick<CommandRecord, 'by' | 'reason'>, at: number): ChangeRecord {
  return { ...(by === undefined ? {} : { by }), ...(reason === undefined ? {} : { reason }), at };
}

/**
 * The queue's record after `change`; `null`: all settings are defaults, so it needs no znode. A queue that stays paused
 * keeps its `pausedBy`, unless it is paused again with a requester and a reason. Fields that a later release wrote
 * stay, and the record with them.
 */
export function changedSettings(before: KnownQueue | null, change: Settings, asked: ChangeRecord): KnownQueue | null {
  const base: KnownQueue = before ?? DEFAULT_QUEUE_SETTINGS;
  const { others } = base;
  const kept = others === undefined ? {} : { others };
  const after = { ...changedQueueSettings(base, change), ...kept };
  if (others === undefined && QUEUE_SETTING_NAMES.every((name) => isDefaultSetting(name, after[name]))) return null;
  if (!after.paused) return { ...after, changedBy: asked };
  const says = asked.by !== undefined || asked.reason !== undefined;
  const pauses = change.paused === true && (!base.paused || says);
  const pausedBy = pauses ? asked : base.pausedBy;
  return { ...after, ...(pausedBy === undefined ? {} : { pausedBy }), changedBy: asked };
}

/** `null`: nothing to write. */
export function settingsOperation(
  queue: string,
  before: KnownQueue | null,
  after: KnownQueue | null,
): Operation | null {
  const path = queuePath(queue);
  if (after === null) return before === null ? null : { op: 'delete', path };
  const { others, pausedBy, changedBy } = after;
  const asked = { ...(pausedBy && { pausedBy }), ...(changedBy && { changedBy }) };
  const data = encodeRecord('queue', { ...others, ...writtenSettings(after), ...asked });
  return before === null ? { op: 'create', path, data } : { op: 'set', path, data };
}

/** `null`: the name can be used. */
export function queueProblem(queue: string): string | null {
  return NAME_PATTERN.test(queue)
    ? null
    : `invalid queue name '${queue}': expected at most 128 letters, digits, dots, dashes and underscores`;
}

/** `null`: the settings can be written down. */
export function settingsProblem(queue: string, after: KnownQueue | null): string | null {
  const weights = Object.keys(after?.tenants ?? {}).length;
  if (weights <= LIMITS.tenantWeights) return null;
  return `queue ${queue} would have ${weights} tenants with a weight of their own, at most ${LIMITS.tenantWeights} can have one: give some of them the weight 1`;
}

/** The command with its answer, as the requester reads it. */
export function answeredCommand(command: CommandRecord, answer: CommandAnswer): string {
  return encodeRecord('command', { ...command, answer });
}

/**
 * The answer to a command that cannot be read. Fields of a command of a later version are kept, so that its client can
 * read the answer; any other data is given back as text.
 */
export function answeredUnread(data: Uint8Array, answer: CommandAnswer): string {
  const text = new TextDecoder().decode(data);
  try {
    const command: unknown = JSON.parse(text);
    if (typeof command === 'object' && command !== null && 'request' in command)
      return JSON.stringify({ ...command, answer });
  } catch {
    // No JSON, or nested more deeply than it can be written.
  }
  return JSON.stringify({ v: 1, request: text, answer });
}

/**
 * The shortest answer that a client can read, smaller than most commands: for a znode that has no room for more, by a
 * quota of ZooKeeper or by its size.
 */
export function shortAnswer(ok: boolean, code: ErrorCode): string {
  const request = { kind: 'cancel', tasks: [] };
  if (code === 'QUOTA_EXCEEDED') return encodeRecord('command', { request, answer: { ok } });
  const message = `executed as far as possible, but ZooKeeper refused the complete answer (${code}); send fewer tasks per command`;
  return encodeRecord('command', { request, answer: { ok: false, message } });
}

/** The target of a command, in a log line. */
export function targetOf(request: CommandRequest): string {
  switch (request.kind) {
    case 'cancel':
    case 'retry':
    case 'purge':
    case 'erase':
    case 'change':
      return listed(request.tasks, 'no task');
    case 'cancel-broadcasts':
      return listed(request.broadcasts, 'no broadcast');
    case 'why':
      return request.task;
    case 'set-schedules':
      return listed(
        request.schedules.map(({ name }) => name),
        'no schedule',
      );
    case 'remove-schedules':
    case 'pause-schedules':
    case 'reset-schedules':
      return listed(request.names, 'no schedule');
    case 'trigger-schedule':
    case 'show-schedule':
    case 'backfill-schedule':
    case 'remove-backfill':
    case 'set-limit':
    case 'remove-limit':
    case 'set-calendar':
    case 'remove-calendar':
    case 'set-account':
    case 'set-pool':
    case 'set-resource':
    case 'remove-account':
    case 'remove-pool':
    case 'remove-resource':
      return request.name;
    case 'show-capacity':
      return request.pool ?? 'all pools';
    case 'show-scale':
    case 'scale-coming':
      return request.pool;
    case 'show-accounts':
      return 'all accounts';
    case 'hold-limit':
      return request.limit;
    case 'show-limits':
      return listed(request.names, 'no limit');
    case 'flow-cancel':
    case 'flow-retry':
      return listed(request.runs, 'no run');
    case 'flow-signal':
    case 'flow-close':
    case 'flow-get':
      return request.run;
    case 'flow-list':
      return request.flow ?? 'all flows';
    case 'drain':
      return request.draining ? request.worker : `${request.worker} (no longer)`;
    case 'configure': {
      const changes = Object.entries(request.settings).map(([name, value]) => `${name}=${String(value)}`);
      return [request.queue, ...changes].join(' ');
    }
  }
}

function listed([first, ...others]: readonly string[], none: string): string {
  if (first === undefined) return none;
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}
