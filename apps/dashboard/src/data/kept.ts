import { effect, signal, type Signal } from '@preact/signals';

/** A value that this browser keeps. `check` refuses what an earlier version may have left. */
export function kept<T>(name: string, initial: T, check: (value: unknown) => value is T): Signal<T> {
  const key = `drover.${name}`;
  const value = signal(read(key, initial, check));
  effect(() => {
    try {
      localStorage.setItem(key, JSON.stringify(value.value));
    } catch {
      // A browser may keep nothing; then it lasts as long as the page.
    }
  });
  return value;
}

function read<T>(key: string, initial: T, check: (value: unknown) => value is T): T {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(key) ?? 'null');
    return check(found) ? found : initial;
  } catch {
    return initial;
  }
}

/** A check for `kept`: one of some texts. */
export const oneOf =
  <const T extends string>(...allowed: readonly T[]) =>
  (value: unknown): value is T =>
    (allowed as readonly unknown[]).includes(value);
