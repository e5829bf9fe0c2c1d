import { scaleLinear, scaleLog } from 'd3-scale';
import { line } from 'd3-shape';
import { format, range } from '../print.js';
import type { Spread } from '../statistics.js';
import { ACCENT, FAINT, GRID, WIDTH, round, segment, svg, text } from './svg.js';

export interface LineChart {
  title: string;
  xName: string;
  yName: string;
  /** The points in ascending order of `x`, from 0. */
  points: readonly { x: number; y: Spread }[];
}

const [LEFT, RIGHT, TOP, BOTTOM, HEIGHT] = [92, 36, 56, 64, 320];
/** The place of 0 on a logarithmic axis: before it, apart. */
const ZERO_WIDTH = 60;
/** Within a factor of ten nothing grows by powers. */
const LOG_FROM = 10;
/** Room above the highest point for its figure. */
const HEADROOM = 1.1;

/**
 * The median with a line from the lowest to the highest run; `y` from 0, or logarithmic where it spans powers of ten.
 */
export function lineChart({ title, xName, yName, points }: LineChart): string {
  const x = xScale(points.map((point) => point.x));
  const y = yScale(points.map((point) => point.y));
  const floor = HEIGHT - BOTTOM;
  const grid = y.ticks.flatMap((tick) => [
    segment([LEFT, y.at(tick)], [WIDTH - RIGHT, y.at(tick)], GRID),
    text(LEFT - 10, y.at(tick) + 4, format(tick), { anchor: 'end', colour: FAINT }),
  ]);
  const axes = [
    segment([LEFT, floor], [WIDTH - RIGHT, floor], FAINT),
    segment([LEFT, TOP], [LEFT, floor], FAINT),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 16, `${xName}${x.isLog ? ' (logarithmic)' : ''}`, { anchor: 'middle' }),
    text(22, (TOP + floor) / 2, `${yName}${y.isLog ? ' (logarithmic)' : ''}`, { anchor: 'middle', upwards: true }),
  ];
  const curve = line<(typeof points)[number]>(
    (point) => round(x.at(point.x)),
    (point) => round(y.at(point.y.median)),
  )([...points]);
  const marks = points.flatMap((point) => {
    const [cx, cy] = [x.at(point.x), y.at(point.y.median)];
    return [
      segment([cx, floor], [cx, floor + 5], FAINT),
      text(cx, floor + 20, point.x.toLocaleString('en-US'), { anchor: 'middle', colour: FAINT }),
      segment([cx, y.at(point.y.min)], [cx, y.at(point.y.max)], ACCENT, ' stroke-width="2" stroke-opacity="0.45"'),
      `<circle cx="${round(cx)}" cy="${round(cy)}" r="3.5" fill="${ACCENT}"/>`,
      text(cx, y.at(point.y.max) - 9, format(point.y.median), { anchor: 'middle' }),
    ];
  });
  const path = `<path d="${curve ?? ''}" fill="none" stroke="${ACCENT}" stroke-width="2"/>`;
  const described = points.map(
    (point) => `${point.x.toLocaleString('en-US')}: ${format(point.y.median)} (${range(point.y)})`,
  );
  const description = `${yName} by ${xName}, median and range. ${described.join('; ')}`;
  return svg({ height: HEIGHT, title, description, parts: [...grid, ...axes, path, ...marks] });
}

interface Axis {
  at: (value: number) => number;
  isLog: boolean;
}

function xScale(xs: readonly number[]): Axis {
  const [from, to] = [LEFT + 36, WIDTH - RIGHT - 36];
  const positive = xs.filter((x) => x > 0);
  const [least, most] = [Math.min(...positive), Math.max(...positive)];
  if (most / least < LOG_FROM) {
    const linear = scaleLinear([Math.min(...xs), Math.max(...xs)], [from, to]);
    return { at: (x) => linear(x), isLog: false };
  }
  const hasZero = xs.includes(0);
  const log = scaleLog([least, most], [hasZero ? from + ZERO_WIDTH : from, to]);
  return { at: (x) => (x === 0 ? from : log(x)), isLog: true };
}

function yScale(spreads: readonly Spread[]): Axis & { ticks: number[] } {
  const least = Math.min(...spreads.map(({ min }) => min));
  const most = Math.max(...spreads.map(({ max }) => max));
  const pixels = [HEIGHT - BOTTOM, TOP];
  if (least > 0 && most / least >= LOG_FROM) {
    const log = scaleLog([10 ** Math.floor(Math.log10(least)), most * HEADROOM], pixels);
    const powers = log.ticks().filter((tick) => Number.isInteger(Math.log10(tick)));
    return { at: (value) => log(value), isLog: true, ticks: powers };
  }
  const linear = scaleLinear([0, most * HEADROOM], pixels);
  return { at: (value) => linear(value), isLog: false, ticks: linear.ticks(5) };
}
