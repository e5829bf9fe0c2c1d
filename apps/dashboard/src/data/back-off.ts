/** Milliseconds before the next try: doubles from 1 s to 30 s; `chance` from 0 to 1 takes up to half of it away. */
export function backOffMs(failures: number, chance: number): number {
  const full = Math.min(30_000, 1_000 * 2 ** Math.max(0, failures - 1));
  return Math.round(full * (1 - chance / 2));
}
