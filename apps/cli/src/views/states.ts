import type { TaskState } from '@drover/core';
import type { Colors } from '../terminal/colors.js';

const COLOR_OF = {
  scheduled: 'blue',
  pending: 'yellow',
  assigned: 'cyan',
  running: 'cyan',
  retrying: 'magenta',
  succeeded: 'green',
  failed: 'red',
  cancelled: 'dim',
} as const satisfies Record<TaskState, keyof Colors>;

export function showState(state: TaskState, colors: Colors): string {
  return colors[COLOR_OF[state]](state);
}
