/**
 * Runs `act` for every item, begun in order, at most `window` at a time (asked before each one). Rejects with the first
 * failure; nothing more is begun then.
 */
export function pipelined<T>(
  items: readonly T[],
  window: number | (() => number),
  act: (item: T) => Promise<void>,
): Promise<void> {
  const limit = typeof window === 'number' ? () => window : window;
  return new Promise((resolve, reject) => {
    let next = 0;
    let running = 0;
    let failed = false;
    const pump = (): void => {
      if (next === items.length && running === 0) resolve();
      while (!failed && next < items.length && running < limit()) {
        running++;
        act(items[next++] as T).then(ended, fail);
      }
    };
    const ended = (): void => {
      running--;
      pump();
    };
    const fail = (error: Error): void => {
      failed = true;
      reject(error);
    };
    pump();
  });
}
