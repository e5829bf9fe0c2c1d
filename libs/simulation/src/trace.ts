/** Called for each thing that happens in a world. A world without a listener has none, and makes no texts. */
export type Trace = (who: string, text: string) => void;

/** A line of a trace: simulated seconds, who, what. */
export function traceLine(atMs: number, who: string, text: string): string {
  return `${(atMs / 1_000).toFixed(6).padStart(11)} ${who.padEnd(9)} ${text}`;
}
