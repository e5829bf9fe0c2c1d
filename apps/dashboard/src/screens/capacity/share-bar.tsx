import type { JSX } from 'preact';
import type { Tone } from '../../ui/badge.js';

interface ShareBarProps {
  /** From the left, each from 0 to 1. */
  parts: readonly { part: number; tone: Tone }[];
  /** A line across it, from 0 to 1. */
  mark?: number;
  /** Says the same in words. */
  label: string;
}

/** Parts of a whole, side by side; a bar without its numbers, which stand beside it. */
export function ShareBar({ parts, mark, label }: ShareBarProps): JSX.Element {
  let from = 0;
  return (
    <svg class="bar share" viewBox="0 0 100 1" preserveAspectRatio="none" role="img" aria-label={label}>
      <rect class="rest" width="100" height="1" />
      {parts.map(({ part, tone }) => {
        const width = Math.min(1 - from, part) * 100;
        const x = from * 100;
        from += width / 100;
        return <rect key={tone} class={tone} x={x} width={width} height="1" />;
      })}
      {mark !== undefined && <rect class="tick" x={Math.min(99, mark * 100)} width="1" height="1" />}
    </svg>
  );
}
