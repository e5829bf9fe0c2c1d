import type { Edge, Plan } from '@drover/flow';
// The package as a whole would bring what checks plans.
import { edgesOf } from '@drover/flow/edges';

/** The input of the layout: boxes of one size, and arrows with their words. Pixels. */
export interface LayoutInput {
  readonly boxes: readonly string[];
  readonly arrows: readonly ArrowInput[];
}
export interface ArrowInput {
  readonly from: string;
  readonly to: string;
  /** `yes`, `failed`; empty: the step before it succeeded. */
  readonly label: string;
  /** One of several is enough. */
  readonly isAny: boolean;
}

export const BOX = { width: 208, height: 60 } as const;
const CHARACTER = 7;

/** The steps of a plan and one arrow for each pair of steps, whatever the number of edges between them. */
export function layoutInputOf(plan: Pick<Plan, 'steps'>): LayoutInput {
  const arrows = Object.entries(plan.steps).flatMap(([to, { after }]) => {
    const labels = new Map<string, string[]>();
    for (const edge of edgesOf(after)) {
      // An edge to a step that is not there would be a box of its own.
      if (plan.steps[edge.step] === undefined) continue;
      const known = labels.get(edge.step) ?? [];
      const label = labelOf(edge);
      labels.set(edge.step, known.includes(label) ? known : [...known, label]);
    }
    const isAny = after !== undefined && 'any' in after && after.any.length > 1;
    return [...labels].map(([from, words]) => ({ from, to, isAny, label: joined(words) }));
  });
  return { boxes: Object.keys(plan.steps), arrows };
}

function labelOf(edge: Edge): string {
  if ('is' in edge) return edge.is;
  return edge.on === undefined || edge.on === 'succeeded' ? '' : edge.on;
}

const joined = (words: readonly string[]): string =>
  words.length === 1 ? (words[0] ?? '') : words.map((word) => (word === '' ? 'succeeded' : word)).join(', ');

/** Room for the words of an arrow. */
export const labelWidth = (label: string): number => (label === '' ? 0 : label.length * CHARACTER + 12);

export interface Point {
  readonly x: number;
  readonly y: number;
}
export interface Drawn {
  readonly width: number;
  readonly height: number;
  /** By step: the middle of its box. */
  readonly boxes: ReadonlyMap<string, Point>;
  readonly arrows: readonly (ArrowInput & { readonly points: readonly Point[]; readonly labelAt: Point | null })[];
}

/** A smooth line through points, as the path of an SVG: it bends at the points, and ends in the last one. */
export function pathOf(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  const parts = [`M${at(first)}`];
  for (const [index, point] of rest.entries()) {
    const next = rest[index + 1];
    parts.push(next === undefined ? `L${at(point)}` : `Q${at(point)} ${at(middle(point, next))}`);
  }
  return parts.join('');
}
const at = ({ x, y }: Point): string => `${Math.round(x)} ${Math.round(y)}`;
const middle = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });

/** The nearest box in the direction of an arrow key; null: there is none. */
export function neighbourOf(boxes: ReadonlyMap<string, Point>, from: string, key: string): string | null {
  const here = boxes.get(from);
  if (here === undefined) return null;
  let best: string | null = null;
  let least = Infinity;
  for (const [name, { x, y }] of boxes) {
    const [along, across] = turned(key, x - here.x, y - here.y);
    // Boxes that stand more aside than ahead are reached by the other keys.
    if (along <= 1) continue;
    const far = along + 2 * Math.abs(across);
    if (far < least) [best, least] = [name, far];
  }
  return best;
}

function turned(key: string, dx: number, dy: number): [along: number, across: number] {
  if (key === 'ArrowRight') return [dx, dy];
  if (key === 'ArrowLeft') return [-dx, dy];
  return key === 'ArrowDown' ? [dy, dx] : [-dy, dx];
}
