/** Told of what happens in a world, as it happens. Where nobody listens there is none, and nothing is put into words. */
export type Trace = (who: string, text: string) => void;

/** A line of a trace: simulated seconds, who, what. */
export function traceLine(atMs: number, who: string, text: string): string {
  return `${(atMs / 1_000).toFixed(6).padStart(11)} ${who.padEnd(9)} ${text}`;
}
