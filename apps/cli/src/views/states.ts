import type { ShownState } from '@drover/core';
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
  unreadable: 'red',
} as const satisfies Record<ShownState, keyof Colors>;

export function showState(state: ShownState, colors: Colors): string {
  return colors[COLOR_OF[state]](state);
}
