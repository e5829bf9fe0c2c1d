import type { JSX } from 'preact';
import { useQuery } from '../data/query.js';
import { Chart, type Line } from '../ui/chart.js';
import type { Tone } from '../ui/badge.js';
import { Problem } from '../ui/empty.js';

const EVERY_MS = 10_000;

/** Steps that are shown at least. */
const LEAST_STEPS = 30;

function beginOf(values: Line['values']): number {
  const known = values.findIndex((value) => value !== null);
  return known < 0 ? 0 : Math.max(0, Math.min(known, values.length - LEAST_STEPS));
}

/** Submitted, finished and failed tasks of the last hour, each second's mean of a step. */
export function RatesChart({ queue }: { queue?: string }): JSX.Element {
  const of = queue === undefined ? {} : { queue };
  const submitted = useQuery('/v1/timeseries', { metric: 'submitted', ...of }, { everyMs: EVERY_MS });
  const finished = useQuery('/v1/timeseries', { metric: 'finished', ...of }, { everyMs: EVERY_MS });
  const failed = useQuery('/v1/timeseries', { metric: 'failed', ...of }, { everyMs: EVERY_MS });
  const error = submitted.error ?? finished.error ?? failed.error;
  const first = submitted.data;
  if (first === undefined)
    return error === undefined ? <div class="chart-room" /> : <Problem error={error} onRetry={submitted.refresh} />;
  // Before that nobody counted.
  const begin = beginOf(first.values);
  const line = (name: string, tone: Tone, values: Line['values'] = []): Line => ({
    name,
    tone,
    values: values.slice(begin),
  });
  const lines = [
    line('submitted', 'mute', first.values),
    line('finished', 'ok', finished.data?.values),
    line('failed', 'bad', failed.data?.values),
  ];
  return (
    <Chart
      label="Tasks a second in the last hour"
      unit="/s"
      from={first.from + begin * first.stepMs}
      stepMs={first.stepMs}
      lines={lines}
    />
  );
}
