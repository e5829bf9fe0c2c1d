import { scaleBand, scaleLinear, scaleLog } from 'd3-scale';
import { line } from 'd3-shape';
import { format } from '../print.js';

/** Charts as SVG text, readable on a light and on a dark page. */
const WIDTH = 640;
const INK = '#6b7280';
const ACCENT = '#2563eb';
const OTHERS = '#9ca3af';

export interface Bar {
  name: string;
  value: number;
  /** Ours. */
  accent: boolean;
}

/** Horizontal bars from 0, each with its figure. */
export function barChart(title: string, bars: readonly Bar[]): string {
  const [left, top, row] = [210, 34, 28];
  const height = top + bars.length * row + 8;
  const x = scaleLinear([0, Math.max(...bars.map(({ value }) => value))], [0, WIDTH - left - 90]);
  const y = scaleBand(
    bars.map(({ name }) => name),
    [top, top + bars.length * row],
  ).padding(0.3);
  const rows = bars.map(({ name, value, accent }) => {
    const at = y(name) ?? 0;
    const middle = at + y.bandwidth() / 2 + 4;
    return [
      text(left - 8, middle, name, 'end'),
      `<rect x="${left}" y="${round(at)}" width="${round(x(value))}" height="${round(y.bandwidth())}" rx="2" fill="${accent ? ACCENT : OTHERS}"/>`,
      text(left + x(value) + 6, middle, format(value), 'start'),
    ].join('');
  });
  return svg(height, title, rows);
}

export interface Point {
  x: number;
  y: number;
}

/** One line; `x` on a logarithmic axis (0 is drawn where 1 would be), `y` from 0. */
export function lineChart(title: string, xName: string, points: readonly Point[]): string {
  const [left, right, top, bottom, height] = [80, 20, 34, 46, 260];
  const xs = points.map((point) => Math.max(point.x, 1));
  const x = scaleLog([Math.min(...xs), Math.max(...xs)], [left, WIDTH - right]);
  const y = scaleLinear([0, Math.max(...points.map((point) => point.y))], [height - bottom, top]).nice(4);
  const grid = y.ticks(4).map((tick) => {
    const at = round(y(tick));
    return `<line x1="${left}" x2="${WIDTH - right}" y1="${at}" y2="${at}" stroke="${INK}" stroke-opacity="0.25"/>${text(left - 8, at + 4, format(tick), 'end')}`;
  });
  const path = line<Point>(
    (point) => round(x(Math.max(point.x, 1))),
    (point) => round(y(point.y)),
  )([...points]);
  const marks = points.map((point) => {
    const at = round(x(Math.max(point.x, 1)));
    return `<circle cx="${at}" cy="${round(y(point.y))}" r="3.5" fill="${ACCENT}"/>${text(at, height - bottom + 18, format(point.x), 'middle')}`;
  });
  const curve = `<path d="${path ?? ''}" fill="none" stroke="${ACCENT}" stroke-width="2"/>`;
  return svg(height, title, [...grid, curve, ...marks, text((left + WIDTH) / 2, height - 8, xName, 'middle')]);
}

function svg(height: number, title: string, parts: readonly string[]): string {
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="system-ui, sans-serif" font-size="12">`;
  const caption = `<text x="8" y="20" font-size="14" font-weight="600" fill="${INK}">${escape(title)}</text>`;
  return [head, `<title>${escape(title)}</title>`, caption, ...parts, '</svg>', ''].join('\n');
}

function text(x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end'): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="${INK}">${escape(content)}</text>`;
}

const round = (value: number): number => Math.round(value * 10) / 10;
const escape = (content: string): string => content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
