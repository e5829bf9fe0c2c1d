import type { JSX } from 'preact';
import type { Tone } from './badge.js';
import { count } from './format.js';

interface SparkProps {
  values: readonly (number | null)[];
  /** Says in words what the line shows. */
  label: string;
  tone?: Tone;
}
const WIDTH = 120;
const HEIGHT = 24;

/** Bars from left to right, the highest value as high as the field. */
export function Spark({ values, label, tone = 'mute' }: SparkProps): JSX.Element {
  const most = Math.max(1, ...values.map((value) => value ?? 0));
  const step = WIDTH / Math.max(1, values.length);
  return (
    <svg
      class={`spark ${tone}`}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      width={WIDTH}
      height={HEIGHT}
      role="img"
      aria-label={label}
    >
      {values.map((value, at) => {
        const height = value === null || value === 0 ? 0 : Math.max(1, (value / most) * HEIGHT);
        return <rect key={at} x={at * step} y={HEIGHT - height} width={Math.max(0.5, step - 0.5)} height={height} />;
      })}
    </svg>
  );
}

export interface Part {
  value: number;
  tone: Tone;
  label: string;
}

/** Parts of a whole as one bar; words beside it say the same. */
export function Bar({ parts, of }: { parts: readonly Part[]; of: number }): JSX.Element {
  const whole = Math.max(
    of,
    parts.reduce((sum, { value }) => sum + value, 0),
    1,
  );
  const label = parts.map(({ value, label: name }) => `${count(value)} ${name}`).join(', ');
  let left = 0;
  return (
    <svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" role="img" aria-label={`${label} of ${count(of)}`}>
      <rect class="rest" width="100" height="1" />
      {parts.map(({ value, tone, label: name }) => {
        const width = (value / whole) * 100;
        left += width;
        return <rect key={name} class={tone} x={left - width} width={width} height="1" />;
      })}
    </svg>
  );
}
