import {
  checkOptions,
  givenSettings,
  InvalidArgumentError,
  isQueueSetting,
  parseName,
  QUEUE_SETTING_NAMES,
  QUEUE_SETTINGS,
  featuresOfSettings,
  type QueueSettingName,
  type QueueSettings,
  type TaskId,
} from '@drover/core';
import { checkTaskId } from '@drover/inspect';
import { CHANGE, ERASE, PURGE, ROOTS, workerName, type CommandAnswer, type CommandRequest } from '@drover/protocol';
import { withHandle } from '../again.js';
import { PartlyDoneError, WorkerNotFoundError } from '../errors.js';
import type { TaskReply } from '../replies.js';
import { command, type CommandContext } from './command.js';

/** Ids of one command: about 150 KB, well below what a znode may hold. */
const IDS_PER_COMMAND = 5_000;

/** Features without which a leader must not act on it. */
const NEEDS: Readonly<Record<string, readonly string[]>> = { purge: [PURGE], change: [CHANGE], erase: [ERASE] };

/** Of a command `change`. */
export interface ChangeFields {
  delayMs?: number;
  dueAt?: number;
  priority?: number;
  queue?: string;
  dead?: boolean;
}

/**
 * Cancels, retries, purges, erases or changes any number of tasks. Throws as `command`, `InvalidArgumentError` before anything is
 * asked, and `PartlyDoneError` when something failed after a part of them.
 */
export async function commandTasks(
  kind: 'cancel' | 'retry' | 'purge' | 'change' | 'erase',
  ids: Iterable<TaskId>,
  context: CommandContext,
  /** Of `change`. */
  fields: ChangeFields = {},
): Promise<TaskReply[]> {
  // A text is iterable too: its characters are no ids.
  if (typeof ids === 'string') throw new InvalidArgumentError('task ids', ids, 'a list of ids, such as [id]');
  const all = [...ids].map((id) => checkTaskId(id));
  const replies: TaskReply[] = [];
  for (let from = 0; from < all.length; from += IDS_PER_COMMAND) {
    const tasks = all.slice(from, from + IDS_PER_COMMAND);
    const answer = await command({ kind, tasks, ...fields }, context, NEEDS[kind]).catch((error: unknown) => {
      if (replies.length === 0 || !(error instanceof Error)) throw error;
      throw new PartlyDoneError(kind, replies, all.length, error);
    });
    replies.push(...repliesOf(tasks, answer));
  }
  return replies;
}

function repliesOf(tasks: readonly TaskId[], answer: CommandAnswer): TaskReply[] {
  return tasks.map((id, i) => {
    const reply = answer.tasks?.[i];
    if (reply === undefined) return { id, ok: answer.ok };
    const { ok, state, message, moved } = reply;
    return {
      id,
      ok,
      ...(state === undefined ? {} : { state }),
      ...(message === undefined ? {} : { message }),
      ...(moved === undefined ? {} : { moved }),
    };
  });
}

/** Drains every incarnation of the worker, or the one that `worker` names. Throws `WorkerNotFoundError`. */
export async function drain(worker: string, draining: boolean, context: CommandContext): Promise<void> {
  if (typeof draining !== 'boolean') throw new InvalidArgumentError('on', draining, 'true or false');
  const registered = await withHandle(context.connection.reader, context.runtime, (zk) => zk.children(ROOTS.workers));
  const ids = registered.filter((id) => id === worker || workerName(id) === worker);
  if (ids.length === 0) throw new WorkerNotFoundError(worker, [...new Set(registered.map(workerName))]);
  for (const id of ids) await command({ kind: 'drain', worker: id, draining }, context);
}

/** `known`: the queue had tasks or settings before; `null`: the leader is of an earlier version and does not say. */
export async function configure(
  queue: string,
  settings: Partial<QueueSettings>,
  context: CommandContext,
): Promise<{ known: boolean | null }> {
  const request: CommandRequest = {
    kind: 'configure',
    queue: parseName('queue', queue),
    settings: checkSettings(settings),
  };
  // A leader that does not know a setting would answer that it had changed it.
  const needs = featuresOfSettings(Object.keys(request.settings) as QueueSettingName[]);
  const { known } = await command(request, context, needs);
  return { known: known ?? null };
}

function checkSettings(settings: Partial<QueueSettings>): Partial<QueueSettings> {
  checkOptions(settings, QUEUE_SETTING_NAMES, 'settings');
  const given = givenSettings(settings);
  if (typeof given.onDead === 'object' && given.onDead !== null)
    checkOptions(given.onDead, ['type', 'queue'], 'onDead');
  for (const name of QUEUE_SETTING_NAMES)
    if (name in given && !isQueueSetting(name, given[name]))
      throw new InvalidArgumentError(name, given[name], QUEUE_SETTINGS[name].expected);
  return given;
}
