import type { Route, schemas } from '@drover/api';
import type { TaskReply } from '@drover/client';
import { isFinal, type ShownState } from '@drover/core';
import type * as z from 'zod';

/** Pure: the tasks that bulk actions are about, and their fates. */

export type BulkAction = z.output<typeof schemas.preview>['action'];

/** The right to bulk actions is not enough: the caller must have that to the action itself. */
export const RIGHT_TO: Readonly<Record<BulkAction, Pick<Route, 'permission' | 'disableable'>>> = {
  cancel: { permission: 'operate', disableable: 'cancel' },
  retry: { permission: 'operate', disableable: 'retry' },
  purge: { permission: 'administer', disableable: 'purge' },
};

/** Whether the action can change a task in this state. */
export function isActedOn(action: BulkAction, state: ShownState): boolean {
  switch (action) {
    case 'retry':
    case 'purge':
      return state === 'failed';
    case 'cancel':
      return state !== 'unreadable' && !isFinal(state);
  }
}

export type Fate = 'done' | 'skipped' | 'failed';

/**
 * The fate of a task. `skipped`: it is no longer in a state that allows the action. `isRepeated`: the leader may have carried
 * out the command before, and did not answer: then a task in the state to which the action leads is one that it changed.
 */
export function fateOf(
  { action, isMove = false }: { action: BulkAction; isMove?: boolean },
  { ok, state }: TaskReply,
  isRepeated: boolean,
): Fate {
  if (ok) return 'done';
  if (state === undefined || state === 'unreadable') return 'failed';
  if (state === 'unknown') return action === 'purge' && isRepeated ? 'done' : 'skipped';
  // Other tasks of its batch have not ended.
  if (action === 'purge') return state === 'failed' ? 'failed' : 'skipped';
  if (action === 'retry') {
    if (state === 'failed') return 'failed';
    // A task that was moved to another queue ended as cancelled here.
    return isRepeated && (!isEnded(state) || (isMove && state === 'cancelled')) ? 'done' : 'skipped';
  }
  if (!isEnded(state)) return 'failed';
  return isRepeated && state === 'cancelled' ? 'done' : 'skipped';
}

/** `ended`: the leader does not know which way. */
const isEnded = (state: string): boolean =>
  state === 'ended' || state === 'succeeded' || state === 'failed' || state === 'cancelled';

/** Tasks of one command to the leader. */
const COMMAND_TASKS = 500;

/** How many tasks go into the next command, and how long after its beginning the one behind it begins. `rate`: tasks a second. */
export function stepOf(rate: number | 'unlimited', left: number): { tasks: number; ms: number } {
  const most = rate === 'unlimited' ? COMMAND_TASKS : Math.max(1, Math.min(COMMAND_TASKS, Math.floor(rate)));
  const tasks = Math.min(most, left);
  return { tasks, ms: rate === 'unlimited' ? 0 : (tasks / rate) * 1_000 };
}
