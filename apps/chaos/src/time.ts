/**
 * CLOCK_MONOTONIC of the machine in ms: the same for all processes, and no jump of a wall clock touches it. That is the
 * `at` of every history.
 */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}
