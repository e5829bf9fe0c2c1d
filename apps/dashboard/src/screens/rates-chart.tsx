import type { JSX } from 'preact';
import { useQuery } from '../data/query.js';
import { Chart, type Line } from '../ui/chart.js';
import { Problem } from '../ui/empty.js';

const EVERY_MS = 10_000;

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
  const lines: Line[] = [
    { name: 'submitted', tone: 'mute', values: first.values },
    { name: 'finished', tone: 'ok', values: finished.data?.values ?? [] },
    { name: 'failed', tone: 'bad', values: failed.data?.values ?? [] },
  ];
  return (
    <Chart label="Tasks a second in the last hour" unit="/s" from={first.from} stepMs={first.stepMs} lines={lines} />
  );
}
