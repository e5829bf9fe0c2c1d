import { DEFAULT_QUEUE_SETTINGS, NAME_PATTERN, parseTaskId, type QueueSettings } from '@drover/core';
import type { TaskReply } from '@drover/planner';
import { encodeRecord, queuePath, type CommandAnswer, type CommandRecord, type CommandRequest } from '@drover/protocol';
import type { Operation } from '@drover/zookeeper';

/** Pure: what requests mean. */

export interface TaskAddress {
  batch: string;
  index: number;
}
/** One entry per task of the request: where it is, or `null` for what is no task id. */
export function addressesOf(tasks: readonly string[]): (TaskAddress | null)[] {
  return tasks.map((text) => parseTaskId(text));
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
    return reply === undefined ? { task, ok: false, message: 'this is no task id' } : { task, ...reply };
  });
  return { ok: answers.every(({ ok }) => ok), tasks: answers };
}

type Settings = Extract<CommandRequest, { kind: 'configure' }>['settings'];

/** What the queue is set to when `change` is applied; `null`: all is as by default, it needs no znode. */
export function changedSettings(before: QueueSettings | null, change: Settings): QueueSettings | null {
  const base = before ?? DEFAULT_QUEUE_SETTINGS;
  const after = {
    paused: change.paused ?? base.paused,
    priority: change.priority ?? base.priority,
    weight: change.weight ?? base.weight,
    maxRunning: change.maxRunning === undefined ? base.maxRunning : change.maxRunning,
  };
  const fields = ['paused', 'priority', 'weight', 'maxRunning'] as const;
  return fields.every((field) => after[field] === DEFAULT_QUEUE_SETTINGS[field]) ? null : after;
}

/** `null`: nothing to write. */
export function settingsOperation(
  queue: string,
  before: QueueSettings | null,
  after: QueueSettings | null,
): Operation | null {
  const path = queuePath(queue);
  if (after === null) return before === null ? null : { op: 'delete', path };
  const data = encodeRecord('queue', after);
  return before === null ? { op: 'create', path, data } : { op: 'set', path, data };
}

/** `null`: the name can be used. */
export function queueProblem(queue: string): string | null {
  return NAME_PATTERN.test(queue)
    ? null
    : `'${queue}' is no queue name: letters, digits, dots, dashes and underscores, 128 at most`;
}

/** The command with its answer, as the requester reads it. */
export function answeredCommand(command: CommandRecord, answer: CommandAnswer): string {
  return encodeRecord('command', { request: command.request, answer });
}
