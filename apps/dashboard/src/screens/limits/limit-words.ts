import { formatRate, type LimitSpec } from '@drover/core';

/** `10 at a time · 100/1s, burst 20`. */
export function inWords({ concurrency, rate }: LimitSpec): string {
  const parts: string[] = [];
  if (concurrency !== null) parts.push(`${concurrency.toLocaleString('en')} at a time`);
  if (rate !== null) parts.push(`${formatRate(rate)}, ${rate.burst} at once`);
  return parts.join(' · ');
}

const PER = { all: 'all together', tenant: 'for each tenant', key: 'for each key' } as const;
export const perWords = ({ per }: LimitSpec): string => PER[per];

/** The tasks that are under it. */
export function scopeWords({ on }: LimitSpec): string {
  if (on === null) return 'tasks that name it';
  const of = [on.type === undefined ? '' : `type ${on.type}`, on.queue === undefined ? '' : `queue ${on.queue}`].filter(
    Boolean,
  );
  return of.length === 0 ? 'all tasks' : `tasks of ${of.join(' and ')}`;
}
