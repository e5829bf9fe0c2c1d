import { inOneLine } from '@drover/core';
import type { Colors } from '../terminal/colors.js';
import { formatAgo, formatCount, formatElapsed, showChange, someOf } from '../views/format.js';
import { renderTable, type Cell, type Column } from '../views/table.js';
import type { TopData } from './data.js';

export const SORTS = ['wait', 'rate', 'failed'] as const;
export type Sort = (typeof SORTS)[number];

/** How a frame is drawn. */
export interface Frame {
  /** The name of the context, or the URL. */
  title: string;
  now: number;
  sort: Sort;
  /** Only queues and workers whose names contain this. */
  filter: string;
  /** Infinity: nothing is cut. */
  rows: number;
  columns: number;
}

type Queue = TopData['queues'][number];
type Worker = TopData['workers'][number];

/** Lines of attention that are shown. */
const MOST_ATTENTION = 4;
const MOST_FAILURES = 5;

/** A frame, as lines. Pure. */
export function showTop(data: TopData, frame: Frame, colors: Colors): string {
  const { rows, columns, filter } = frame;
  const matches = ({ name }: { name: string }): boolean => name.includes(filter);
  const queues = sortQueues(data.queues.filter(matches), frame.sort);
  const workers = sortWorkers(data.workers.filter(matches));
  const head = [...headLines(data.overview, frame, colors), ...attentionLines(data.overview, colors)];
  const failures = data.failures.slice(0, MOST_FAILURES);
  const fixed = head.length + 6 + (failures.length === 0 ? 0 : failures.length + 2);
  const room = Math.max(rows - fixed, 4);
  const forWorkers = Math.min(workers.length, Math.max(Math.floor(room / 3), room - queues.length));
  const forQueues = room - Math.min(forWorkers, room - 1);
  const parts = [
    head.join('\n'),
    section(QUEUE_COLUMNS, queues, forQueues, (queue) => queueRow(queue, frame.now, colors), colors, columns),
    section(WORKER_COLUMNS, workers, forWorkers, (worker) => workerRow(worker, frame.now, colors), colors, columns),
    ...(failures.length === 0
      ? []
      : [section(FAILURE_COLUMNS, failures, MOST_FAILURES, (group) => failureRow(group, frame.now), colors, columns)]),
  ];
  return parts.join('\n\n');
}

function section<T>(
  columns: readonly Column[],
  items: readonly T[],
  most: number,
  row: (item: T) => Cell[],
  colors: Colors,
  width: number,
): string {
  const shown = items.slice(0, most);
  const table = renderTable(columns, shown.map(row), colors, width);
  const more = items.length - shown.length;
  return more > 0 ? `${table}\n${colors.dim(`and ${formatCount(more)} more`)}` : table;
}

function headLines(
  { leader, schedulers, zookeeper, rates, oldestPendingMs, workers, tasks }: TopData['overview'],
  { title, now }: Frame,
  colors: Colors,
): string[] {
  const others = schedulers.filter(({ id }) => id !== leader?.id).map(({ id }) => id);
  const since = typeof leader?.sinceMs === 'number' ? `, ${formatElapsed(leader.sinceMs)}` : '';
  const leads =
    leader === null ? colors.red('no leader') : `leader ${colors.bold(leader.id)} (epoch ${leader.epoch}${since})`;
  const following = others.length === 0 ? '' : `  ${colors.dim(`${someOf(others, 0, 40)} following`)}`;
  const trip = zookeeper.roundTripMs === null ? zookeeper.state : formatElapsed(zookeeper.roundTripMs);
  const first = `${colors.bold(title)}  ${leads}${following}    zk ${trip}    ${new Date(now).toISOString().slice(11, 19)}`;
  const wait = oldestPendingMs === null ? colors.green('none') : waitOf(oldestPendingMs, colors);
  const flow =
    rates === null
      ? ''
      : `in ${perSecond(rates.submitted)}/s  done ${perSecond(rates.finished)}/s  failed ${paintFailed(rates.failed, colors)}/s   `;
  const pending = tasks === null ? '' : `   pending ${formatCount(tasks.pending)}`;
  return [first, `${flow}oldest wait ${wait}   busy ${workers.busy}/${workers.slots}${pending}`];
}

function attentionLines({ attention }: TopData['overview'], colors: Colors): string[] {
  const urgent = attention.filter(({ severity }) => severity !== 'info');
  const lines = urgent
    .slice(0, MOST_ATTENTION)
    .map(({ severity, text }) => (severity === 'error' ? colors.red : colors.yellow)(`! ${inOneLine(text)}`));
  return urgent.length > MOST_ATTENTION
    ? [...lines, colors.dim(`! and ${urgent.length - MOST_ATTENTION} more ('drover doctor')`)]
    : lines;
}

const perSecond = (rate: number): string =>
  rate >= 10 || rate === 0 ? formatCount(Math.round(rate)) : rate.toFixed(1);
const paintFailed = (rate: number, colors: Colors): string =>
  rate > 0 ? colors.red(perSecond(rate)) : perSecond(rate);
const LONG_MS = 60_000;
const waitOf = (ms: number, colors: Colors): string =>
  ms > LONG_MS ? colors.yellow(formatElapsed(ms)) : formatElapsed(ms);

const QUEUE_COLUMNS: readonly Column[] = [
  { head: 'queue', least: 10 },
  { head: 'pending', align: 'right' },
  { head: 'out', align: 'right' },
  { head: 'due later', align: 'right', leaveOut: 3 },
  { head: 'oldest', align: 'right' },
  { head: 'done/s', align: 'right', leaveOut: 2 },
  { head: 'failed/s', align: 'right', leaveOut: 1 },
  { head: 'state', least: 12 },
];

function queueRow(queue: Queue, now: number, colors: Colors): Cell[] {
  const { name, pending, out, live } = queue;
  const later = live === undefined ? '-' : formatCount(live.scheduled + live.retrying);
  const waitMs = live?.oldestPendingMs ?? null;
  const oldest = waitMs === null ? '-' : waitOf(waitMs, colors);
  const rates = live?.rates;
  return [
    name,
    formatCount(pending),
    formatCount(out),
    later,
    oldest,
    rates === undefined ? '-' : perSecond(rates.finished),
    rates === undefined ? '-' : paintFailed(rates.failed, colors),
    stateOf(queue, now),
  ];
}

/** Why a queue stands still, if it does. */
function stateOf({ paused, pausedBy, full, pending, live }: Queue, now: number): string {
  if (paused)
    return `paused${pausedBy === undefined ? '' : ` ${showChange(pausedBy as Parameters<typeof showChange>[0], now)}`}`;
  const unserved = live?.unservedTypes ?? [];
  if (pending > 0 && unserved.length > 0) return `no worker for ${someOf(unserved, 0, 40)}`;
  return full === true ? 'full' : '';
}

function sortQueues(queues: readonly Queue[], sort: Sort): Queue[] {
  const key = {
    wait: ({ live }: Queue) => live?.oldestPendingMs ?? -1,
    rate: ({ live }: Queue) => live?.rates.finished ?? -1,
    failed: ({ live }: Queue) => live?.rates.failed ?? -1,
  }[sort];
  return [...queues].sort((a, b) => key(b) - key(a) || b.pending - a.pending || (a.name < b.name ? -1 : 1));
}

const WORKER_COLUMNS: readonly Column[] = [
  { head: 'worker', least: 8 },
  { head: 'slots', align: 'right' },
  { head: 'host', least: 6, leaveOut: 2 },
  { head: 'longest', least: 12, leaveOut: 1 },
  { head: 'state', least: 10 },
];

function workerRow(
  { name, out, capacity, host, tasks, state, drainedBy }: Worker,
  now: number,
  colors: Colors,
): Cell[] {
  const [longest] = [...tasks].sort((a, b) => a.startedAt - b.startedAt);
  const running =
    longest === undefined ? '-' : `${longest.task} ${formatElapsed(Math.max(now - longest.startedAt, 0))}`;
  const by = drainedBy === undefined ? '' : ` ${showChange(drainedBy as Parameters<typeof showChange>[0], now)}`;
  const shown = state === 'draining' ? `draining${by}` : '';
  const slots = `${Math.min(out, capacity)}/${capacity}`;
  return [name, out >= capacity ? colors.bold(slots) : slots, host, running, shown];
}

/** Those that are not well first. */
function sortWorkers(workers: readonly Worker[]): Worker[] {
  const rank = ({ state }: Worker): number => (state === 'draining' ? 0 : 1);
  return [...workers].sort(
    (a, b) => rank(a) - rank(b) || b.out / b.capacity - a.out / a.capacity || (a.name < b.name ? -1 : 1),
  );
}

const FAILURE_COLUMNS: readonly Column[] = [
  { head: 'failed', align: 'right' },
  { head: 'last', align: 'right' },
  { head: 'type', least: 8 },
  { head: 'error', least: 20 },
];

const failureRow = ({ count, last, type, error, message }: TopData['failures'][number], now: number): Cell[] => [
  formatCount(count),
  formatAgo(last, now),
  type,
  inOneLine(`${error}: ${message}`),
];
