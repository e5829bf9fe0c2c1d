import type { LimitKeyView, LimitView } from '@drover/client';
import { formatLimit, formatRate, inOneLine, type LimitSpec } from '@drover/core';
import type { Colors } from '../terminal/colors.js';
import { counted, formatCount, formatElapsed, showChange } from '../views/format.js';
import { renderFields, renderTable, type Column } from '../views/table.js';

/** How limits look to people. Pure. */
export function showLimits(limits: readonly LimitView[], now: number, colors: Colors, width = Infinity): string {
  const rows = limits.map(({ name, spec, out, waiting, waitingKeys, ...limit }) => [
    name,
    spec.concurrency ?? '-',
    spec.rate === null ? '-' : formatRate(spec.rate),
    spec.rate?.burst ?? '-',
    spec.per,
    onText(spec.on),
    formatCount(out),
    formatCount(waiting),
    spec.per === 'all' ? '-' : formatCount(waitingKeys),
    holdText(limit, now),
  ]);
  const columns: Column[] = [
    { head: 'limit', least: 12, paint: colors.bold },
    { head: 'concurrency', align: 'right', leaveOut: 2 },
    { head: 'rate', align: 'right' },
    { head: 'burst', align: 'right', leaveOut: 4 },
    { head: 'per', leaveOut: 3 },
    { head: 'of', least: 12, leaveOut: 3 },
    { head: 'out', align: 'right' },
    { head: 'waiting', align: 'right' },
    { head: 'keys waiting', align: 'right', leaveOut: 4, optional: true },
    { head: 'held', least: 8, optional: true },
  ];
  return renderTable(columns, rows, colors, width);
}

function onText(on: LimitSpec['on']): string {
  if (on === null) return 'tasks that name it';
  const parts = [on.queue === undefined ? '' : `queue ${on.queue}`, on.type === undefined ? '' : `type ${on.type}`];
  return parts.filter((part) => part !== '').join(', ') || 'all tasks';
}

function holdText({ heldUntil, keys }: Pick<LimitView, 'heldUntil' | 'keys'>, now: number): string {
  if (heldUntil !== null) return timeText(heldUntil, now);
  const held = keys.filter((key) => key.heldUntil !== null).length;
  return held === 0 ? '' : counted(held, 'key');
}

/** A hold of a limit that cannot be read has no end. */
const timeText = (until: number | null, now: number): string =>
  until === null ? '' : `${formatElapsed(Math.max(until - now, 0))} more`;

export function showLimit(view: LimitView, now: number, colors: Colors, width = Infinity): string {
  const { name, revision, spec, changedBy, out, waiting, waitingKeys, heldUntil, keys, keysLeftOut } = view;
  const fields: [string, string][] = [
    ['Limit', `${colors.bold(name)} (revision ${revision}, changed ${showChange(changedBy, now)})`],
    ['Allows', formatLimit(spec)],
    ['Tasks', onText(spec.on)],
    ['Out', formatCount(out)],
    [
      'Waiting',
      spec.per === 'all' ? formatCount(waiting) : `${formatCount(waiting)}, at ${counted(waitingKeys, 'key')}`,
    ],
    ...(heldUntil === null ? [] : [['Held', colors.yellow(timeText(heldUntil, now))] as [string, string]]),
  ];
  const head = renderFields(fields, colors);
  if (spec.per === 'all' || keys.length === 0) return head;
  const more = keysLeftOut === 0 ? '' : `\n${colors.dim(`and ${counted(keysLeftOut, 'more key')}`)}`;
  return `${head}\n\n${keyTable(keys, now, colors, width)}${more}`;
}

function keyTable(keys: readonly LimitKeyView[], now: number, colors: Colors, width: number): string {
  const rows = keys.map(({ key, out, waiting, nextAt, heldUntil }) => [
    inOneLine(key) || '-',
    formatCount(out),
    formatCount(waiting),
    timeText(heldUntil ?? nextAt, now),
    heldUntil === null ? '' : 'held',
  ]);
  const columns: Column[] = [
    { head: 'key', least: 12 },
    { head: 'out', align: 'right' },
    { head: 'waiting', align: 'right' },
    { head: 'next start', optional: true },
    { head: '', optional: true },
  ];
  return renderTable(columns, rows, colors, width);
}
