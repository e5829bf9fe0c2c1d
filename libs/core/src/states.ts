/**
 * The life of a task as a table. Types, guards, the diagram in the docs and the property tests are drawn from it.
 *
 * scheduled: not due yet · pending: due, waits for a worker · assigned: handed to a worker, not begun as far as is known
 * · running: the worker said that it began · retrying: an attempt ended badly, the next one is not due yet ·
 * succeeded, failed, cancelled: final (a failed one can be retried by hand).
 */
export const TASK_TRANSITIONS = {
  scheduled: ['pending', 'cancelled'],
  pending: ['assigned', 'cancelled'],
  assigned: ['running', 'pending', 'retrying', 'succeeded', 'failed', 'cancelled'],
  running: ['pending', 'retrying', 'succeeded', 'failed', 'cancelled'],
  retrying: ['pending', 'cancelled'],
  succeeded: [],
  failed: ['pending'],
  cancelled: [],
} as const satisfies Record<string, readonly string[]>;

export type TaskState = keyof typeof TASK_TRANSITIONS;
export const TASK_STATES = Object.keys(TASK_TRANSITIONS) as readonly TaskState[];

/**
 * What readers show as the state of a task. `unreadable`: its batch needs a feature that the reader does not understand,
 * so it cannot tell.
 */
export type ShownState = TaskState | 'unreadable';
export const SHOWN_STATES: readonly ShownState[] = [...TASK_STATES, 'unreadable'];

export type FinalState = 'succeeded' | 'failed' | 'cancelled';
export const FINAL_STATES = ['succeeded', 'failed', 'cancelled'] as const satisfies readonly FinalState[];

export function isFinal(state: ShownState): state is FinalState {
  return (FINAL_STATES as readonly ShownState[]).includes(state);
}

export function canMove(from: TaskState, to: TaskState): boolean {
  return (TASK_TRANSITIONS[from] as readonly TaskState[]).includes(to);
}
