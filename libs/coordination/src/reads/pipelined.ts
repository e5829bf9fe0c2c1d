/**
 * Runs `act` for every item, begun in order, at most `window` at a time (asked before each one). An item is taken from
 * `items` when its turn has come. Rejects with the first failure; nothing more is begun then.
 */
export function pipelined<T>(
  items: Iterable<T>,
  window: number | (() => number),
  act: (item: T) => Promise<void>,
): Promise<void> {
  const limit = typeof window === 'number' ? () => window : window;
  const iterator = items[Symbol.iterator]();
  return new Promise((resolve, reject) => {
    let running = 0;
    let over = false;
    const pump = (): void => {
      while (!over && running < limit()) {
        const next = iterator.next();
        if (next.done === true) over = true;
        else {
          running++;
          act(next.value).then(ended, fail);
        }
      }
      if (over && running === 0) resolve();
    };
    const ended = (): void => {
      running--;
      pump();
    };
    const fail = (error: Error): void => {
      over = true;
      reject(error);
    };
    pump();
  });
}
