import type { QueueView, StatusView, WorkerView } from '@drover/client';
import { TASK_STATES } from '@drover/core';
import type { Colors } from '../terminal/colors.js';
import { formatAgo, formatCount } from './format.js';
import { renderFields, renderTable } from './table.js';

/** The document that `drover status --json` prints. */
export function statusDocument(status: StatusView): object {
  const { leader, schedulers, workers, tasks, queues, unservedTypes, at } = status;
  return {
    leader: leader === null ? null : { id: leader.id, epoch: leader.epoch },
    schedulers: schedulers.map(({ id, pid, role }) => ({ id, pid, role })),
    workers: workers.map(({ name, pid, running, capacity, state }) => ({ name, pid, running, capacity, state })),
    tasks,
    queues,
    unservedTypes,
    at,
  };
}

/** What `drover status` shows to people. */
export function showStatus(status: StatusView, now: number, colors: Colors): string {
  const { leader, schedulers, tasks, at, unservedTypes } = status;
  const led =
    leader === null
      ? colors.yellow('none: tasks wait until a scheduler leads')
      : `${colors.bold(leader.id)}, epoch ${leader.epoch} ${colors.dim(`(${leader.host}, process ${leader.pid})`)}`;
  const fields: [string, string][] = [
    ['Leader', led],
    ['Schedulers', schedulers.map(({ id, role }) => `${id} ${colors.dim(role)}`).join(', ') || colors.yellow('none')],
    ['Tasks', showTally(tasks, colors)],
  ];
  if (leader === null && at !== null) fields.push(['Counted', `${formatAgo(at, now)}, by the last leader`]);
  if (unservedTypes.length > 0)
    fields.push(['Unserved', colors.yellow(`no worker offers ${unservedTypes.join(', ')}: such tasks wait`)]);
  const parts = [renderFields(fields, colors), showWorkers(status.workers, colors)];
  if (status.queues.length > 0) parts.push(showQueues(status.queues, colors));
  return parts.join('\n\n');
}

function showTally(tasks: StatusView['tasks'], colors: Colors): string {
  const counts = tasks as unknown as Readonly<Record<string, number>>;
  const shown = TASK_STATES.map((state) => [state, counts[state] ?? 0] as const).filter(([, count]) => count > 0);
  return shown.map(([state, count]) => `${formatCount(count)} ${colors.dim(state)}`).join('  ') || colors.dim('none');
}

export function showWorkers(workers: readonly WorkerView[], colors: Colors): string {
  if (workers.length === 0) return colors.yellow("No workers: start one with 'drover worker'");
  const rows = workers.map((worker) => [
    colors.bold(worker.name),
    worker.state === 'draining' ? colors.yellow(worker.state) : colors.green(worker.state),
    `${worker.running}/${worker.capacity}`,
    worker.assigned,
    worker.host,
    worker.pid,
    Object.entries(worker.labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
  ]);
  return renderTable(
    [
      { head: 'worker' },
      { head: 'state' },
      { head: 'running', align: 'right' },
      { head: 'assigned', align: 'right' },
      { head: 'host' },
      { head: 'pid', align: 'right' },
      { head: 'labels' },
    ],
    rows,
    colors,
  );
}

export function showQueues(queues: readonly QueueView[], colors: Colors): string {
  const rows = queues.map((queue) => [
    colors.bold(queue.name),
    queue.paused ? colors.yellow('paused') : colors.green('open'),
    formatCount(queue.pending),
    formatCount(queue.running),
    queue.priority,
    queue.weight,
    queue.maxRunning ?? '-',
  ]);
  return renderTable(
    [
      { head: 'queue' },
      { head: 'state' },
      { head: 'pending', align: 'right' },
      { head: 'running', align: 'right' },
      { head: 'priority', align: 'right' },
      { head: 'weight', align: 'right' },
      { head: 'max running', align: 'right' },
    ],
    rows,
    colors,
  );
}
