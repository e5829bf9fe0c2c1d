/** When, where and for how long to try to connect. */

const MAX_DELAY_MS = 1_000;
const MIN_ATTEMPT_MS = 200;
const MAX_ATTEMPT_MS = 10_000;

/**
 * The pause before a round over all addresses. `round` counts the rounds since a server last answered a request; the
 * very first one of a handle is 0 and does not wait. Random from nothing up to a bound that doubles, so that the
 * clients of a server that died do not come back as one; never so long that a session could not survive it.
 */
export function roundDelayMs(round: number, timeoutMs: number, random: number): number {
  if (round === 0) return 0;
  return random * Math.min(MAX_DELAY_MS, timeoutMs / 10, 25 * 2 ** Math.min(round, 16));
}

/** How long one address may take to connect and shake hands: all of them fit into 2/3 of the session timeout. */
export function attemptMs(addresses: number, timeoutMs: number): number {
  const share = (timeoutMs * 2) / 3 / Math.max(1, addresses);
  return Math.max(MIN_ATTEMPT_MS, Math.min(MAX_ATTEMPT_MS, share));
}

/** The items in random order. `random` is uniform in [0, 1). */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
