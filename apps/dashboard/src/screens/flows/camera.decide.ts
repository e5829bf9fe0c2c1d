import type { Point } from './graph.decide.js';

/** The part of the graph that is seen: a point of it is shown at `x + scale * point.x`. Pixels. */
export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}
export interface Size {
  readonly width: number;
  readonly height: number;
}

const LEAST = 0.05;
const MOST = 2;
const MARGIN = 24;
/** Below it names cannot be read, and boxes are shown as colours with their names alone. */
export const READABLE = 0.55;

/** All of it, in the middle; never larger than it is. */
export function fitted(whole: Size, room: Size): Camera {
  const scale = clamped(
    Math.min(1, (room.width - 2 * MARGIN) / whole.width, (room.height - 2 * MARGIN) / whole.height),
  );
  return {
    scale,
    x: (room.width - whole.width * scale) / 2,
    y: (room.height - whole.height * scale) / 2,
  };
}

/** The first look: all of it where it can be read so, else its beginning, or the place that matters. */
export function firstLook(whole: Size, room: Size, matters: Point | null): Camera {
  const all = fitted(whole, room);
  if (all.scale >= READABLE || matters === null) return all;
  return kept(centred(matters, room, 0.8), whole, room);
}

const centred = (point: Point, room: Size, scale: number): Camera => ({
  scale,
  x: room.width / 2 - point.x * scale,
  y: room.height / 2 - point.y * scale,
});

/** Larger or smaller; the point of the graph under `at` stays where it is. */
export function zoomed(camera: Camera, factor: number, at: Point): Camera {
  const scale = clamped(camera.scale * factor);
  const by = scale / camera.scale;
  return { scale, x: at.x - (at.x - camera.x) * by, y: at.y - (at.y - camera.y) * by };
}

export const moved = (camera: Camera, dx: number, dy: number): Camera => ({
  ...camera,
  x: camera.x + dx,
  y: camera.y + dy,
});

/** Some of the graph is always seen. */
export function kept(camera: Camera, whole: Size, room: Size): Camera {
  const within = (at: number, size: number, of: number): number =>
    Math.min(of - 2 * MARGIN, Math.max(2 * MARGIN - size * camera.scale, at));
  return {
    ...camera,
    x: within(camera.x, whole.width, room.width),
    y: within(camera.y, whole.height, room.height),
  };
}

/** Moved by as little as lets a box be seen. */
export function showing(camera: Camera, box: Point & Size, room: Size): Camera {
  const by = (middle: number, size: number, offset: number, of: number): number => {
    const from = middle * camera.scale + offset - (size * camera.scale) / 2 - MARGIN;
    const to = from + size * camera.scale + 2 * MARGIN;
    if (from < 0) return -from;
    return to > of ? of - to : 0;
  };
  return moved(camera, by(box.x, box.width, camera.x, room.width), by(box.y, box.height, camera.y, room.height));
}

const clamped = (scale: number): number => Math.min(MOST, Math.max(LEAST, scale));
