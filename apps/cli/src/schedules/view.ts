import type { BackfillView, ScheduleInput, ScheduleSummary, ScheduleView, Started } from '@drover/client';
import type { Colors } from '../terminal/colors.js';
import { formatAgo, formatCount, showChange } from '../views/format.js';
import { renderTable } from '../views/table.js';

export function showSchedules(
  schedules: readonly ScheduleSummary[],
  now: number,
  colors: Colors,
  width = Infinity,
): string {
  const rows = schedules.map((schedule) => [
    schedule.name,
    stateOf(schedule, colors),
    whenText(schedule.spec),
    startsText(schedule.spec.run),
    schedule.next[0]?.due ?? '-',
    formatCount(schedule.fired),
    formatCount(schedule.skipped),
    formatCount(schedule.missed),
    schedule.paused === null ? (schedule.spec.note ?? '') : `paused ${showChange(schedule.paused, now)}`,
  ]);
  return renderTable(
    [
      { head: 'schedule', least: 12, paint: colors.bold },
      { head: 'state' },
      { head: 'when', least: 16, leaveOut: 4 },
      { head: 'starts', least: 8, leaveOut: 3 },
      { head: 'next' },
      { head: 'fired', align: 'right', leaveOut: 2 },
      { head: 'skipped', align: 'right', leaveOut: 2 },
      { head: 'missed', align: 'right', leaveOut: 2 },
      { head: 'note', least: 24, leaveOut: 1, optional: true },
    ],
    rows,
    colors,
    width,
  );
}

function stateOf({ paused, endedAt }: Pick<ScheduleSummary, 'paused' | 'endedAt'>, colors: Colors): string {
  if (paused !== null) return colors.yellow('paused');
  return endedAt === null ? colors.green('open') : colors.dim('ended');
}

/** `30 2 * * * Europe/Berlin`, `every 900 s`. */
export function whenText({ when }: ScheduleInput): string {
  const entries = (Array.isArray(when) ? when : [when]) as unknown as readonly Record<string, unknown>[];
  return entries.map(entryText).join(', ');
}

function entryText({ cron, every, everyAfter, at, tz }: Record<string, unknown>): string {
  const zone = typeof tz === 'string' ? ` ${tz}` : '';
  if (typeof cron === 'string') return `${cron}${zone}`;
  if (every !== undefined) return `every ${secondsText(every)}`;
  if (everyAfter !== undefined) return `${secondsText(everyAfter)} after the last`;
  return `at ${typeof at === 'string' ? at : '-'}`;
}

/** `report`, `flow nightly`, `broadcast flush-cache`. */
export function startsText({ type, flow, broadcast }: ScheduleInput['run']): string {
  if (broadcast !== undefined) return `broadcast ${broadcast}`;
  if (flow !== undefined) return `flow ${typeof flow === 'string' ? flow : flow.name}`;
  return type;
}

/** `task 01K...0`, `run 01K...0`, `broadcast 01K..`. */
export const startedText = ({ task, run, broadcast }: Started): string =>
  run !== undefined ? `run ${run}` : broadcast !== undefined ? `broadcast ${broadcast}` : `task ${task ?? '-'}`;

const secondsText = (ms: unknown): string => (typeof ms === 'number' ? `${ms / 1_000} s` : String(ms));

export function showSchedule(view: ScheduleView, now: number, colors: Colors): string {
  const { spec, last, reasons } = view;
  const counts = (['fired', 'skipped', 'missed', 'excluded', 'failed'] as const)
    .map((name) => `${formatCount(view[name])} ${name}`)
    .join(', ');
  const lines: [string, string][] = [
    ['Schedule', `${colors.bold(view.name)} (revision ${view.revision}, changed ${showChange(view.changedBy, now)})`],
    ['State', view.broken === null ? stateOf(view, colors) : colors.red(`broken: ${view.broken}`)],
    ...(view.held === null ? [] : [['Held', colors.red(`nothing fires: ${view.held.reason}`)] as [string, string]]),
    ...(view.paused === null ? [] : [['Paused', showChange(view.paused, now)] as [string, string]]),
    ['When', whenText(spec)],
    ['Starts', `${startsText(spec.run)} in queue ${spec.run.queue ?? 'default'}`],
    ['Overlap', spec.overlap ?? 'skip'],
    ['Next', view.next.length === 0 ? '-' : view.next.map(({ due }) => due).join('\n')],
    ['Last', last === null ? '-' : `${last.nominal}, ${startedText(last)}`],
    ['Counts', counts],
    ...Object.entries(reasons).map(([kind, reason]): [string, string] => [`Last ${kind}`, reason]),
    ...view.running.map((fire): [string, string] => ['Running', `${startedText(fire)}, of ${fire.nominal}`]),
    ...view.waiting.map((fire): [string, string] => ['Waiting', `${startedText(fire)}, of ${fire.nominal}`]),
    ...view.backfills.map((each): [string, string] => ['Back-fill', showBackfill(each, now)]),
    ...(spec.note === undefined ? [] : [['Note', spec.note] as [string, string]]),
  ];
  const width = Math.max(...lines.map(([head]) => head.length)) + 2;
  return lines
    .map(([head, text]) => `${head.padEnd(width)}${text.replaceAll('\n', `\n${' '.repeat(width)}`)}`)
    .join('\n');
}

/** `01K..: 2026-01-01T00:00:00Z to 2026-01-03T00:00:00Z, at 2026-01-01T08:00:00Z, 8 made, 0 left out, 4 of 4 running`. */
export function showBackfill(backfill: BackfillView, now: number): string {
  const { id, from, to, cursor, parallel, order, fired, skipped, running, endedAt } = backfill;
  const progress = endedAt === null ? `${running} of ${parallel} running` : `ended ${formatAgo(endedAt, now)}`;
  const at = endedAt === null ? [`at ${cursor}${order === 'newest' ? ' (newest first)' : ''}`] : [];
  const counts = [`${formatCount(fired)} made`, `${formatCount(skipped)} left out`];
  return `${id}: ${[`${from} to ${to}`, ...at, ...counts, progress].join(', ')}`;
}
