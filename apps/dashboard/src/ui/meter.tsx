import type { JSX } from 'preact';
import type { Tone } from './badge.js';
import { count } from './format.js';

interface MeterProps {
  value: number;
  of: number;
  /** Says in words what is measured. */
  label: string;
  /** Behind the number, instead of the whole. */
  unit?: string;
  tone?: Tone;
}

/** A number of a whole, as text and as a bar. */
export function Meter({ value, of, label, unit, tone = 'info' }: MeterProps): JSX.Element {
  const width = of === 0 ? 0 : Math.min(100, (value / of) * 100);
  return (
    <span class="meter" title={label}>
      <span class="meter-text">
        {count(value)}
        {unit ?? <span class="muted"> / {count(of)}</span>}
      </span>
      <svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" role="img" aria-label={label}>
        <rect class="rest" width="100" height="1" />
        <rect class={tone} width={width} height="1" />
      </svg>
    </span>
  );
}
