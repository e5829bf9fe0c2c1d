import type { Shape } from '@drover/api';
import { inOneLine } from '@drover/core';
import type { Colors } from '../terminal/colors.js';
import { formatElapsed } from './format.js';

type Event = Shape<'event'>;

/** One event in one line; `null`: there is nothing to tell people. Pure. */
export function showEvent({ id, event, at, data }: Event, colors: Colors): string | null {
  const fields = typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : { value: data };
  const time = colors.dim(new Date(at).toISOString().slice(11, 23));
  switch (event) {
    case 'hello':
      return colors.dim(id === null ? '-- connected --' : `-- connected at revision ${id} --`);
    case 'reset':
      return colors.yellow('-- another leader: what was shown before may have changed --');
    case 'gap':
      return colors.yellow(
        `-- events are missing, from ${showValue(fields.from ?? 'beginning')} to ${showValue(fields.to)} (${showValue(fields.reason)}) --`,
      );
    case 'bye':
      return colors.dim(`-- the server ends the stream (${showValue(fields.reason)}); connecting again --`);
    case 'overview':
      return `${time} ${colors.cyan(event)}  ${showOverview(data as Partial<Shape<'overview'>>)}`;
    case 'failures':
      return `${time} ${colors.red('failure')}  ${showFields(fields)}`;
    default:
      return `${time} ${colors.cyan(event)}  ${showFields(fields)}`;
  }
}

/** Its numbers: all of it is for programs. */
function showOverview({ leader, tasks, workers, oldestPendingMs, attention = [] }: Partial<Shape<'overview'>>): string {
  const parts = [
    leader ? `leader ${leader.id}` : 'no leader',
    ...(!tasks ? [] : [`pending ${tasks.pending}`, `out ${tasks.out}`, `failed ${tasks.failed}`]),
    ...(workers === undefined ? [] : [`busy ${workers.busy}/${workers.slots}`]),
    ...(typeof oldestPendingMs !== 'number' ? [] : [`oldest wait ${formatElapsed(oldestPendingMs)}`]),
    ...attention.map(({ text }) => `! ${inOneLine(text)}`),
  ];
  return parts.join('  ');
}

/** `task=01K...0 queue=mail error="TypeError: bad"`. */
function showFields(fields: Readonly<Record<string, unknown>>): string {
  return Object.entries(fields)
    .flatMap(([name, value]) => (value === null || value === undefined ? [] : [`${name}=${showValue(value)}`]))
    .join(' ');
}

function showValue(value: unknown): string {
  if (isError(value)) return JSON.stringify(inOneLine(`${value.name}: ${value.message}`));
  if (typeof value === 'string') return /^[\w.:@/*-]+$/.test(value) ? value : JSON.stringify(value);
  return JSON.stringify(value);
}

const isError = (value: unknown): value is { name: string; message: string } =>
  typeof value === 'object' && value !== null && 'name' in value && 'message' in value;
