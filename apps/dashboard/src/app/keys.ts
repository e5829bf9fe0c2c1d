import { useEffect, useRef } from 'preact/hooks';
import { go } from './router.js';
import { PLACES } from './screens.js';

/** Actions by the key that is pressed; texts are typed as they are shown by `?`. */
export type Keys = Readonly<Record<string, () => void>>;

const GO_WITHIN_MS = 1_500;
const places = new Map(PLACES.flat().flatMap(({ to, key }) => (key === undefined ? [] : [[key, to] as const])));
const active: Keys[] = [];
let goUntil = 0;

/** Keys of a screen or of a part of it, while it is shown. The part that was shown last goes first. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const mine: Keys = new Proxy({}, { get: (_, key) => latest.current[String(key)] });
    active.push(mine);
    return () => void active.splice(active.indexOf(mine), 1);
  }, []);
}

/** To be called once. */
export function listenToKeys(): void {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
    // An open dialog has its own keys.
    if (document.querySelector('dialog[open]') !== null) return;
    const act = actionOf(event.key);
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
}

function actionOf(key: string): (() => void) | undefined {
  const isGo = performance.now() < goUntil;
  goUntil = 0;
  const to = isGo ? places.get(key) : undefined;
  if (to !== undefined) return () => go(to);
  if (key === 'g') return () => void (goUntil = performance.now() + GO_WITHIN_MS);
  for (const keys of [...active].reverse()) if (keys[key] !== undefined) return keys[key];
  if (key === 'j') return () => moveRow(1);
  if (key === 'k') return () => moveRow(-1);
  if (key === 'x') return markRow;
  if (key === '/') return focusFilter;
  return undefined;
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest('input:not([type=checkbox]), textarea, select, [contenteditable]') !== null
  );
}

/** Rows are reached by their links. */
function moveRow(step: number): void {
  const links = [...document.querySelectorAll<HTMLElement>('main [data-row]')];
  const row = document.activeElement?.closest('tr');
  const at = links.findIndex((link) => link.closest('tr') === row);
  const next = at === -1 ? (step > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + step));
  links[next]?.focus();
}

function markRow(): void {
  document.activeElement?.closest('tr')?.querySelector<HTMLInputElement>('input[type=checkbox]')?.click();
}

function focusFilter(): void {
  document.querySelector<HTMLInputElement>('main [data-filter]')?.focus();
}
