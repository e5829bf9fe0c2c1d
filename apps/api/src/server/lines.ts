/** An item that says only that the stream lives. */
export const HEARTBEAT = Object.freeze({ heartbeat: true });

/** One item as a line of NDJSON; an empty line is a heartbeat. */
export const asLine = (item: unknown): string => (item === HEARTBEAT ? '\n' : `${JSON.stringify(item)}\n`);

/** One item as a server-sent event; those that are no events have only data. A comment is a heartbeat. */
export function asServerSent(item: unknown): string {
  if (item === HEARTBEAT) return ':\n\n';
  const { id, event, data } = item as { id?: unknown; event?: unknown; data?: unknown };
  if (typeof event !== 'string') return `data: ${JSON.stringify(item)}\n\n`;
  const { retryMs } = (data ?? {}) as { retryMs?: unknown };
  return [
    ...(typeof id === 'string' ? [`id: ${id}`] : []),
    `event: ${event}`,
    ...(typeof retryMs === 'number' ? [`retry: ${retryMs}`] : []),
    `data: ${JSON.stringify(data)}`,
    '\n',
  ].join('\n');
}

/** Text above this many characters is sent even if more is ready. */
const CHUNK = 16_384;

/**
 * The items as text, those that are ready at the same time in one piece: a write a line would cost more than the lines. The
 * consumer's back-pressure reaches the source. An error of the source comes behind what it gave before.
 */
export async function* linesOf<T>(source: AsyncIterable<T>, format: (item: T) => string): AsyncGenerator<string, void> {
  const items = source[Symbol.asyncIterator]();
  const step = (): Promise<Step<T>> =>
    items.next().then(
      (result) => (result.done === true ? { over: true } : { item: result.value }),
      (error: unknown) => ({ over: true, error }),
    );
  let next = step();
  let text = '';
  try {
    while (true) {
      const ready = text === '' ? await next : await Promise.race([next, soon()]);
      if (ready !== null && 'item' in ready) {
        text += format(ready.item);
        next = step();
        if (text.length < CHUNK) continue;
      }
      if (text !== '') yield text;
      text = '';
      if (ready === null || 'item' in ready) continue;
      if ('error' in ready) throw ready.error;
      return;
    }
  } finally {
    // The reader may go before the end.
    await items.return?.();
  }
}

type Step<T> = { item: T } | { over: true; error?: unknown };

/** After what is ready in this turn of the event loop. */
const soon = (): Promise<null> => new Promise((resolve) => process.nextTick(() => queueMicrotask(() => resolve(null))));
