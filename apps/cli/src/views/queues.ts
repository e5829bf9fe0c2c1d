import type { Change, QueueView } from '@drover/client';
import type { Colors } from '../terminal/colors.js';
import { counted, formatCount, showChange } from './format.js';
import { renderTable } from './table.js';

export function showQueues(queues: readonly QueueView[], now: number, colors: Colors, width = Infinity): string {
  const rows = queues.map((queue) => [
    queue.name,
    stateOf(queue, colors),
    formatCount(queue.pending),
    formatCount(queue.out),
    queue.priority,
    queue.weight,
    queue.maxRunning ?? '-',
    queue.maxPending ?? '-',
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
      { head: 'max pending', align: 'right', leaveOut: 5, optional: true },
      { head: 'note', least: 40, leaveOut: 1, optional: true },
    ],
    rows,
    colors,
    width,
  );
}

function stateOf({ paused, full }: QueueView, colors: Colors): string {
  if (paused) return colors.yellow('paused');
  return full === true ? colors.red('full') : colors.green('open');
}

/** The requester of the pause or, while it is open, of the last change. */
function noteOf({ full, fullTenants, unfinished, pausedBy, changedBy }: QueueView, now: number): string {
  const parts = [changeOf({ pausedBy, changedBy }, now)];
  if (full === true) parts.push(`takes no new tasks, ${formatCount(unfinished ?? 0)} are unfinished`);
  if (fullTenants !== undefined) parts.push(`takes none of ${counted(fullTenants, 'tenant')}`);
  return parts.filter((part) => part !== '').join('; ');
}

function changeOf(
  { pausedBy, changedBy }: { pausedBy: Change | undefined; changedBy: Change | undefined },
  now: number,
): string {
  if (pausedBy !== undefined) return `paused ${showChange(pausedBy, now)}`;
  return changedBy === undefined ? '' : `changed ${showChange(changedBy, now)}`;
}
