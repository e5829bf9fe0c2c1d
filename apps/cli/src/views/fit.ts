import stringWidth from 'string-width';

/** How wide a column may be. */
export interface Extent {
  /** The width of the widest cell, or of the head if that is wider. */
  natural: number;
  /** It may be cut down to this; absent: it is never cut. */
  least?: number | undefined;
  /** If even the minimum does not fit, columns with the highest number are omitted first; absent: never. */
  leaveOut?: number | undefined;
}

/**
 * The width of each column so that all fit into `available`, `gap` between them; `null`: the column is left out. Pure.
 */
export function fitColumns(extents: readonly Extent[], available: number, gap: number): (number | null)[] {
  const shown = new Set(extents.keys());
  const needed = (): number => [...shown].reduce((sum, i) => sum + leastOf(extents[i]) + gap, -gap);
  for (const i of leaveOutOrder(extents)) {
    if (needed() <= available) break;
    shown.delete(i);
  }
  let left = Math.max(available - needed(), 0);
  const widths: (number | null)[] = extents.map((extent, i) => (shown.has(i) ? leastOf(extent) : null));
  // Columns that need little more than the minimum get all of it; the others share the rest.
  const wanting = [...shown].sort((a, b) => moreOf(extents[a]) - moreOf(extents[b]));
  wanting.forEach((i, rank) => {
    const more = Math.min(moreOf(extents[i]), Math.floor(left / (wanting.length - rank)));
    widths[i] = (widths[i] ?? 0) + more;
    left -= more;
  });
  return widths;
}

function leaveOutOrder(extents: readonly Extent[]): number[] {
  const rank = (i: number): number => extents[i]?.leaveOut ?? 0;
  return [...extents.keys()].filter((i) => rank(i) > 0).sort((a, b) => rank(b) - rank(a));
}

const leastOf = (extent: Extent | undefined): number =>
  extent === undefined ? 0 : Math.min(extent.natural, extent.least ?? extent.natural);
const moreOf = (extent: Extent | undefined): number => (extent === undefined ? 0 : extent.natural - leastOf(extent));

const graphemes = new Intl.Segmenter();

/** `text`, cut with `…` to fit into `width` columns of a terminal. Pure. */
export function cutTo(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = '';
  let used = 1;
  for (const { segment } of graphemes.segment(text)) {
    used += stringWidth(segment);
    if (used > width) break;
    kept += segment;
  }
  return width < 1 ? '' : `${kept.trimEnd()}…`;
}
