import { signal } from '@preact/signals';

/** The time of the browser in milliseconds since 1970; it moves once a second while the page is looked at. */
export const now = signal(Date.now());

/** To be called once. */
export function startClock(): void {
  const tick = (): void => {
    if (document.visibilityState === 'visible') now.value = Date.now();
  };
  setInterval(tick, 1_000);
  document.addEventListener('visibilitychange', tick);
}
