/**
 * The person who asked for a change and the reason, as they follow a sentence: ` by ada: provider down`, ` by ada`,
 * `: provider down`; empty where nobody said.
 */
export function byWhom(change: { by?: string | undefined; reason?: string | undefined } | null | undefined): string {
  const by = change?.by === undefined ? '' : ` by ${change.by}`;
  return change?.reason === undefined ? by : `${by}: ${change.reason}`;
}
