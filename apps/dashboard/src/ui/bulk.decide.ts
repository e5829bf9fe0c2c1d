/** Above this many tasks their number has to be typed. */
export const TYPED_ABOVE = 1_000;

export interface BulkForm {
  count: number;
  /** As the user typed it; thousands may be separated. */
  typed: string;
  reason: string;
  /** Tasks per second as text; empty: the default. */
  rate: string;
}

/** Why the action cannot begin yet; null: it can. */
export function whatIsMissing({ count, typed, reason, rate }: BulkForm): string | null {
  if (count === 0) return 'No task matches';
  if (reason.trim() === '') return 'A reason is needed';
  if (count > TYPED_ABOVE && typed.replace(/[\s,._']/g, '') !== String(count)) return 'Type the number of tasks';
  if (rate !== '' && !(Number(rate) > 0)) return 'The rate is a number of tasks a second above 0';
  return null;
}

/** The filter of some tasks, by their ids. */
export const filterOfIds = (ids: readonly string[]): string => `id:${ids.join(',')}`;
