import type { BroadcastCounts, BroadcastSummary, BroadcastView, BroadcastWorker } from '@drover/client';
import { byWhom, inOneLine } from '@drover/core';
import type { Colors } from '../terminal/colors.js';
import { formatAgo, formatCount, formatElapsed } from '../views/format.js';
import { showState } from '../views/states.js';
import { renderFields, renderTable, type Column } from '../views/table.js';

/** How broadcasts look to people. Pure. */
export function showBroadcasts(
  broadcasts: readonly BroadcastSummary[],
  now: number,
  colors: Colors,
  width = Infinity,
): string {
  const rows = broadcasts.map(({ id, type, state, key, where, counts, submittedAt }) => [
    id,
    type,
    state,
    formatCount(counts.workers),
    formatCount(counts.waiting),
    formatCount(counts.succeeded),
    formatCount(counts.failed),
    formatCount(counts.cancelled),
    key === null ? '' : inOneLine(key),
    labelsText(where),
    formatAgo(submittedAt, now),
  ]);
  const columns: Column[] = [
    { head: 'broadcast', paint: colors.bold },
    { head: 'type', least: 12 },
    { head: 'state' },
    { head: 'workers', align: 'right' },
    { head: 'waiting', align: 'right' },
    { head: 'succeeded', align: 'right', leaveOut: 2 },
    { head: 'failed', align: 'right' },
    { head: 'cancelled', align: 'right', leaveOut: 3 },
    { head: 'key', least: 8, leaveOut: 4, optional: true },
    { head: 'where', least: 8, leaveOut: 4, optional: true },
    { head: 'started', leaveOut: 3 },
  ];
  return renderTable(columns, rows, colors, width);
}

export function showBroadcast(view: BroadcastView, now: number, colors: Colors, width = Infinity): string {
  const { id, type, queue, key, where, skipDraining, counts, payload, workers } = view;
  const fields: [string, string][] = [
    ['Broadcast', colors.bold(id)],
    ['State', stateText(view, now)],
    ['Type', `${type}, queue ${queue}`],
    ['For', [labelsText(where) || 'all workers', skipDraining ? 'none that drains' : ''].filter(Boolean).join(', ')],
    ...(key === null ? [] : [['Key', inOneLine(key)] as [string, string]]),
    ['Started', `${formatAgo(view.submittedAt, now)}${byWhom({ by: view.by ?? view.client, reason: view.reason })}`],
    ['Workers', countsText(counts)],
    ['Payload', JSON.stringify(payload)],
  ];
  const head = renderFields(fields, colors);
  return workers.length === 0 ? head : `${head}\n\n${workerTable(workers, colors, width)}`;
}

function stateText({ state, until, closed, finishedAt }: BroadcastView, now: number): string {
  if (closed === null) return `open for ${formatElapsed(Math.max(until - now, 0))} more`;
  const why = {
    over: 'its time was over',
    superseded: `superseded by ${closed.newer ?? 'a newer one'}`,
    cancelled: `cancelled${byWhom(closed)}`,
  }[closed.why];
  return finishedAt === null ? `${state}: ${why}` : `${state} ${formatAgo(finishedAt, now)}: ${why}`;
}

const labelsText = (where: Readonly<Record<string, string>>): string =>
  Object.entries(where)
    .map(([label, value]) => inOneLine(`${label}=${value}`))
    .join(', ');

function countsText({ workers, waiting, succeeded, failed, cancelled }: BroadcastCounts): string {
  const parts = Object.entries({ waiting, succeeded, failed, cancelled }).filter(([, count]) => count > 0);
  const all = formatCount(workers);
  return parts.length === 0
    ? all
    : `${all}: ${parts.map(([name, count]) => `${formatCount(count)} ${name}`).join(', ')}`;
}

function workerTable(workers: readonly BroadcastWorker[], colors: Colors, width: number): string {
  const rows = workers.map(({ worker, task, state, attempt, result, error }) => [
    worker,
    showState(state, colors),
    attempt,
    task,
    error === undefined
      ? result === undefined
        ? ''
        : JSON.stringify(result)
      : inOneLine(`${error.name}: ${error.message}`),
  ]);
  const columns: Column[] = [
    { head: 'worker', paint: colors.bold },
    { head: 'state' },
    { head: 'attempt', align: 'right', leaveOut: 2 },
    { head: 'task', leaveOut: 3 },
    { head: 'result', least: 16, optional: true },
  ];
  return renderTable(columns, rows, colors, width);
}
