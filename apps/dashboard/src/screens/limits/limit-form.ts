import {
  formatDuration,
  InvalidArgumentError,
  numberFromText,
  parseLimit,
  parseRate,
  type LimitSpec,
} from '@drover/core';

/** A limit as texts of a form. */
export interface LimitForm {
  readonly concurrency: string;
  /** `100/1s`. */
  readonly rate: string;
  readonly burst: string;
  readonly per: LimitSpec['per'];
  readonly on: 'named' | 'some' | 'all';
  readonly type: string;
  readonly queue: string;
}
export const NEW: LimitForm = { concurrency: '10', rate: '', burst: '', per: 'all', on: 'named', type: '', queue: '' };

export function formOf({ concurrency, rate, per, on }: LimitSpec): LimitForm {
  return {
    concurrency: concurrency === null ? '' : String(concurrency),
    rate: rate === null ? '' : `${rate.limit}/${formatDuration(rate.periodMs)}`,
    burst: rate === null ? '' : String(rate.burst),
    per,
    on: on === null ? 'named' : on.type === undefined && on.queue === undefined ? 'all' : 'some',
    type: on?.type ?? '',
    queue: on?.queue ?? '',
  };
}

/** The limit that the texts say, or why they say none. Pure. */
export function readForm(form: LimitForm): { spec: LimitSpec; fault: null } | { spec: null; fault: string } {
  try {
    return { spec: parseLimit('', optionsOf(form)), fault: null };
  } catch (error) {
    if (error instanceof InvalidArgumentError) return { spec: null, fault: error.message };
    throw error;
  }
}

function optionsOf({ concurrency, rate, burst, per, on, type, queue }: LimitForm): Record<string, unknown> {
  const options: Record<string, unknown> = { per };
  if (concurrency.trim() !== '') options.concurrency = numberFromText(concurrency);
  if (rate.trim() !== '') options.rate = burst.trim() === '' ? rate.trim() : withBurst(rate.trim(), burst);
  if (on === 'all') options.on = {};
  if (on === 'some') options.on = { ...(type === '' ? {} : { type }), ...(queue === '' ? {} : { queue }) };
  return options;
}

function withBurst(rate: string, burst: string): unknown {
  const { count, perMs } = parseRate('rate', rate);
  return { limit: count, period: perMs, burst: numberFromText(burst) };
}
