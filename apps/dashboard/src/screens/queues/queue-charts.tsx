import type { JSX } from 'preact';
import { useQuery } from '../../data/query.js';
import { count, duration, rate } from '../../ui/format.js';
import { Section } from '../../ui/page.js';
import { Spark } from '../../ui/spark.js';

const SHOWN = [
  { metric: 'oldestPendingMs', label: 'Oldest wait', text: duration },
  { metric: 'pending', label: 'Pending', text: count },
  { metric: 'finished', label: 'Finished per second', text: rate },
  { metric: 'failed', label: 'Failed per second', text: rate },
] as const;

/** The last hour of a queue. */
export function QueueCharts({ name }: { name: string }): JSX.Element {
  return (
    <Section title="Last hour">
      <div class="sparks">
        {SHOWN.map((one) => (
          <Chart key={one.metric} queue={name} {...one} />
        ))}
      </div>
    </Section>
  );
}

interface ChartProps {
  queue: string;
  metric: (typeof SHOWN)[number]['metric'];
  label: string;
  text: (value: number) => string;
}

function Chart({ queue, metric, label, text }: ChartProps): JSX.Element {
  const { data } = useQuery('/v1/timeseries', { queue, metric }, { everyMs: 10_000 });
  const values = data?.values ?? [];
  const known = values.filter((value) => value !== null);
  const most = known.length === 0 ? null : Math.max(...known);
  return (
    <figure class="spark-card">
      <figcaption>
        {label} <b>{known.length === 0 ? '–' : text(known.at(-1) ?? 0)}</b>
      </figcaption>
      <Spark
        values={values}
        label={`${label}, the last hour${most === null ? ': nothing is known yet' : `: at most ${text(most)}`}`}
      />
      <small class="muted">{most === null ? 'nothing is known yet' : `at most ${text(most)}`}</small>
    </figure>
  );
}
