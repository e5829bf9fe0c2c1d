/** Runs `act` for every item, at most `window` at a time, begun in order. Rejects with the first failure. */
export async function pipelined<T>(
  items: readonly T[],
  window: number,
  act: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      await act(items[index] as T, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(window, items.length) }, lane));
}
