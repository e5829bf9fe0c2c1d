import { signal, type Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { theme } from '../data/settings.js';
import type { Tone } from './badge.js';
import { rate, timeOfDay } from './format.js';
import type { Plot } from './plot.js';

export interface Line {
  name: string;
  tone: Tone;
  /** Null: nobody was there to count. */
  values: readonly (number | null)[];
}
export interface ChartProps {
  label: string;
  /** Behind each value, such as `/s`. */
  unit: string;
  from: number;
  stepMs: number;
  lines: readonly Line[];
}

/** Lines over time. Its legend says the values in words; the library that draws is loaded when a chart is looked at. */
export function Chart(props: ChartProps): JSX.Element {
  const { label, lines } = props;
  const at: Signal<number | null> = useMemo(() => signal(null), []);
  return (
    <figure class="chart panel">
      <Legend {...props} at={at} />
      <Drawing {...props} at={at} />
      <figcaption class="hidden">{`${label}. ${lines.map(summaryOf(props)).join(' ')}`}</figcaption>
      <details>
        <summary class="small muted">As a table</summary>
        <Values {...props} />
      </details>
    </figure>
  );
}

const known = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null);

const summaryOf =
  ({ unit }: ChartProps) =>
  ({ name, values }: Line): string => {
    const all = known(values);
    if (all.length === 0) return `${name}: nothing counted.`;
    return `${name}: ${rate(all.at(-1) ?? 0)}${unit} at last, ${rate(Math.max(...all))}${unit} at most.`;
  };

/** The values at the pointer, or the last ones. */
function Legend({ lines, unit, from, stepMs, at }: ChartProps & { at: Signal<number | null> }): JSX.Element {
  const index = at.value;
  return (
    <p class="legend">
      {lines.map(({ name, tone, values }) => {
        const value = index === null ? known(values).at(-1) : values[index];
        return (
          <span key={name} class={tone}>
            <i aria-hidden="true" />
            {name} <b>{value === undefined || value === null ? '–' : `${rate(value)}${unit}`}</b>
          </span>
        );
      })}
      <span class="muted grow end">{index === null ? 'now' : timeOfDay(from + (index + 1) * stepMs)}</span>
    </p>
  );
}

function Drawing(props: ChartProps & { at: Signal<number | null> }): JSX.Element {
  const room = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const [isMissing, setMissing] = useState(false);
  useEffect(() => {
    let isGone = false;
    import('./plot.js').then(
      ({ drawPlot }) => {
        if (isGone || room.current === null) return;
        plot.current = drawPlot(room.current, latest.current, (index) => void (props.at.value = index));
      },
      () => setMissing(true),
    );
    return () => {
      isGone = true;
      plot.current?.end();
    };
  }, []);
  useEffect(() => plot.current?.show(props));
  const current = theme.value;
  useEffect(() => plot.current?.paint(), [current]);
  if (isMissing)
    return <p class="muted">The part of the page that draws could not be loaded; the table has the values.</p>;
  return <div class="chart-room" ref={room} aria-hidden="true" />;
}

/** Every fifth minute or so: 12 rows. */
function Values({ lines, from, stepMs, unit, label }: ChartProps): JSX.Element {
  const steps = Math.max(0, ...lines.map(({ values }) => values.length));
  const each = Math.max(1, Math.ceil(steps / 12));
  const rows = Array.from({ length: Math.ceil(steps / each) }, (_, row) => row * each);
  return (
    <table>
      <caption class="hidden">{label}</caption>
      <thead>
        <tr>
          <th scope="col">Time</th>
          {lines.map(({ name }) => (
            <th key={name} scope="col" class="end">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row}>
            <th scope="row">{timeOfDay(from + (row + 1) * stepMs)}</th>
            {lines.map(({ name, values }) => (
              <td key={name} class="end">
                {typeof values[row] === 'number' ? `${rate(values[row])}${unit}` : '–'}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
