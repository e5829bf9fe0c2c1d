/** A server that says 0, or a time that has passed, gets a second: else the attempts are used up in no time. */
const LEAST_MS = 1_000;
/** Of a server that says more the clock, or the header, is wrong. */
const MOST_MS = 86_400_000;

/** The delay of a `Retry-After` header: seconds, or a date. From a second to a day; `undefined` where it has none. */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const text = header.trim();
  const delayMs = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isNaN(delayMs) ? undefined : Math.min(Math.max(delayMs, LEAST_MS), MOST_MS);
}
