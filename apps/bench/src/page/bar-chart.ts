import { scaleBand, scaleLinear } from 'd3-scale';
import { format, range } from '../print.js';
import type { Spread } from '../statistics.js';
import { ACCENT, FAINT, GRID, OTHERS, WIDTH, INK, round, segment, svg, text } from './svg.js';

export interface Bar {
  name: string;
  value: Spread;
  /** Ours. */
  accent: boolean;
}

/** Horizontal bars from 0, each with its figure and a line from the lowest to the highest run. */
export function barChart(title: string, bars: readonly Bar[]): string {
  const [left, right, top, row] = [220, 90, 44, 30];
  const bottom = top + bars.length * row;
  const x = scaleLinear([0, Math.max(...bars.map(({ value }) => value.max))], [left, WIDTH - right]).nice(5);
  const y = scaleBand(
    bars.map(({ name }) => name),
    [top, bottom],
  ).padding(0.3);
  const grid = x
    .ticks(5)
    .flatMap((tick) => [
      segment([x(tick), top], [x(tick), bottom], GRID),
      text(x(tick), bottom + 18, format(tick), { anchor: 'middle', colour: FAINT }),
    ]);
  const rows = bars.flatMap(({ name, value, accent }) => {
    const at = y(name) ?? 0;
    const middle = at + y.bandwidth() / 2;
    const size = `width="${round(x(value.median) - left)}" height="${round(y.bandwidth())}"`;
    return [
      text(left - 10, middle + 4, name, { anchor: 'end', bold: accent }),
      `<rect x="${left}" y="${round(at)}" ${size} rx="2" fill="${accent ? ACCENT : OTHERS}"/>`,
      segment([x(value.min), middle], [x(value.max), middle], INK, ' stroke-width="1.5"'),
      text(x(value.max) + 8, middle + 4, format(value.median), { bold: accent }),
    ];
  });
  const description = bars.map(({ name, value }) => `${name}: ${format(value.median)} (${range(value)})`).join('; ');
  const parts = [...grid, segment([left, top], [left, bottom], FAINT), ...rows];
  return svg({ height: bottom + 34, title, description, parts });
}
