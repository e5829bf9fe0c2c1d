/** Pieces of charts. They stand on a card of their own, so that they read the same on a light and on a dark page. */
export const WIDTH = 720;
export const INK = '#1f2328';
export const FAINT = '#59636e';
export const GRID = '#d1d9e0';
export const ACCENT = '#0969da';
export const OTHERS = '#8c959f';

export interface Drawing {
  height: number;
  title: string;
  /** All figures in words, for who cannot see them. */
  description: string;
  parts: readonly string[];
}

export function svg({ height, title, description, parts }: Drawing): string {
  const size = `viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-labelledby="title desc" font-family="system-ui, -apple-system, 'Segoe UI', sans-serif" font-size="12">`,
    `<title id="title">${escape(title)}</title>`,
    `<desc id="desc">${escape(description)}</desc>`,
    `<rect x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="6" fill="#ffffff" stroke="${GRID}"/>`,
    `<text x="16" y="26" font-size="15" font-weight="600" fill="${INK}">${escape(title)}</text>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

export interface TextOptions {
  anchor?: 'start' | 'middle' | 'end';
  colour?: string;
  bold?: boolean;
  /** Turned a quarter to the left. */
  upwards?: boolean;
}

export function text(x: number, y: number, content: string, options: TextOptions = {}): string {
  const { anchor = 'start', colour = INK, bold = false, upwards = false } = options;
  const turn = upwards ? ` transform="rotate(-90 ${round(x)} ${round(y)})"` : '';
  const weight = bold ? ' font-weight="600"' : '';
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="${colour}"${weight}${turn} stroke="#ffffff" stroke-width="3" paint-order="stroke">${escape(content)}</text>`;
}

export function segment(
  from: readonly [number, number],
  to: readonly [number, number],
  colour: string,
  more = '',
): string {
  const [x1, y1] = from.map(round);
  const [x2, y2] = to.map(round);
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${colour}"${more}/>`;
}

export const round = (value: number): number => Math.round(value * 10) / 10;
const escape = (content: string): string =>
  content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
