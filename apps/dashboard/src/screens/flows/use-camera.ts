import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { fitted, firstLook, kept, moved, showing, zoomed, type Camera, type Size } from './camera.decide.js';
import { BOX, type Point } from './graph.decide.js';

/** Pixels that a pointer moves before it drags; less is a click. */
const DRAGS_FROM = 5;
const STEP = 80;
export const ZOOM = 1.25;

export interface CameraControl {
  readonly room: RefObject<HTMLDivElement | null>;
  readonly camera: Camera | null;
  readonly showAll: () => void;
  readonly zoom: (factor: number) => void;
  readonly pan: (dx: number, dy: number) => void;
  readonly show: (box: Point) => void;
}

/** Pan and zoom by mouse, touch and wheel; `matters`: the box that the first look is at, where not all can be read. */
export function useCamera(whole: Size, matters: Point | null): CameraControl {
  const room = useRef<HTMLDivElement>(null);
  const [camera, setCamera] = useState<Camera | null>(null);
  const sizeOf = (): Size => ({ width: room.current?.clientWidth ?? 0, height: room.current?.clientHeight ?? 0 });
  const change = (next: (camera: Camera, size: Size) => Camera): void =>
    setCamera((now) => (now === null ? now : kept(next(now, sizeOf()), whole, sizeOf())));
  useEffect(() => setCamera(firstLook(whole, sizeOf(), matters)), [whole]);
  useEffect(() => (room.current === null ? undefined : listen(room.current, change)), [whole]);
  return {
    room,
    camera,
    showAll: () => setCamera(fitted(whole, sizeOf())),
    zoom: (factor) => change((now, { width, height }) => zoomed(now, factor, { x: width / 2, y: height / 2 })),
    pan: (dx, dy) => change((now) => moved(now, dx, dy)),
    show: (box) => change((now, size) => showing(now, { ...box, ...BOX }, size)),
  };
}

/** The move of an arrow key; null: it is another key. */
export function panOf(key: string): Point | null {
  if (key === 'ArrowLeft') return { x: STEP, y: 0 };
  if (key === 'ArrowRight') return { x: -STEP, y: 0 };
  if (key === 'ArrowUp') return { x: 0, y: STEP };
  return key === 'ArrowDown' ? { x: 0, y: -STEP } : null;
}

type Change = (next: (camera: Camera) => Camera) => void;

function listen(room: HTMLElement, change: Change): () => void {
  const stop = new AbortController();
  const on = { signal: stop.signal };
  const pointers = new Map<number, Point>();
  let began: Point | null = null;
  const drops = ({ pointerId }: PointerEvent): void => {
    pointers.delete(pointerId);
    if (pointers.size === 0) room.classList.remove('drags');
  };
  room.addEventListener(
    'pointerdown',
    (event) => {
      if (event.button !== 0) return;
      began = pointOf(event);
      pointers.set(event.pointerId, began);
    },
    on,
  );
  room.addEventListener(
    'pointermove',
    (event) => {
      const before = pointers.get(event.pointerId);
      if (before === undefined) return;
      const to = pointOf(event);
      if (!room.classList.contains('drags')) {
        if (began !== null && far(began, to) < DRAGS_FROM) return;
        room.classList.add('drags');
        room.setPointerCapture(event.pointerId);
      }
      const others = [...pointers].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
      pointers.set(event.pointerId, to);
      const [other] = others;
      if (other === undefined) {
        change((now) => moved(now, to.x - before.x, to.y - before.y));
        return;
      }
      const factor = far(to, other) / Math.max(1, far(before, other));
      const { left, top } = room.getBoundingClientRect();
      const at = { x: (to.x + other.x) / 2 - left, y: (to.y + other.y) / 2 - top };
      change((now) => zoomed(moved(now, (to.x - before.x) / 2, (to.y - before.y) / 2), factor, at));
    },
    on,
  );
  for (const end of ['pointerup', 'pointercancel'] as const) room.addEventListener(end, drops, on);
  // A wheel alone scrolls the page; a pinch of a touch pad is a wheel with Ctrl.
  room.addEventListener(
    'wheel',
    (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const { left, top } = room.getBoundingClientRect();
      change((now) => zoomed(now, Math.exp(-event.deltaY / 300), { x: event.clientX - left, y: event.clientY - top }));
    },
    { ...on, passive: false },
  );
  return () => stop.abort();
}

const pointOf = ({ clientX, clientY }: MouseEvent): Point => ({ x: clientX, y: clientY });
const far = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);
