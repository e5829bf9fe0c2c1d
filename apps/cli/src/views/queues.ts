import type { QueueView } from '@drover/client';
import type { Colors } from '../terminal/colors.js';
import { formatCount, showChange } from './format.js';
import { renderTable } from './table.js';

export function showQueues(queues: readonly QueueView[], now: number, colors: Colors, width = Infinity): string {
  const rows = queues.map((queue) => [
    queue.name,
    queue.paused ? colors.yellow('paused') : colors.green('open'),
    formatCount(queue.pending),
    formatCount(queue.out),
    queue.priority,
    queue.weight,
    queue.maxRunning ?? '-',
    noteOf(queue, now),
  ]);
  return renderTable(
    [
      { head: 'queue', least: 12, paint: colors.bold },
      { head: 'state' },
      { head: 'pending', align: 'right' },
      { head: 'out', align: 'right' },
      { head: 'priority', align: 'right', leaveOut: 2 },
      { head: 'weight', align: 'right', leaveOut: 3 },
      { head: 'max running', align: 'right', leaveOut: 4, optional: true },
      { head: 'note', least: 40, leaveOut: 1, optional: true },
    ],
    rows,
    colors,
    width,
  );
}

/** The requester of the pause or, while it is open, of the last change. */
function noteOf({ pausedBy, changedBy }: QueueView, now: number): string {
  if (pausedBy !== undefined) return `paused ${showChange(pausedBy, now)}`;
  return changedBy === undefined ? '' : `changed ${showChange(changedBy, now)}`;
}
