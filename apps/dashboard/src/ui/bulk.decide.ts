import type { Operation, Preview } from '../data/types.js';

export type BulkAction = Preview['action'];

/** Each action in words: what becomes of the tasks, and of those that have changed meanwhile. */
export const BULK_WORDS: Readonly<
  Record<BulkAction, { verb: string; will: string; note: string; tone: 'primary' | 'danger' }>
> = {
  retry: {
    verb: 'Retry',
    will: 'will run again',
    note: 'Each gets all its attempts again. Tasks that are no longer failed are skipped.',
    tone: 'primary',
  },
  cancel: {
    verb: 'Cancel',
    will: 'will be cancelled',
    note: 'Handlers that run them are told to stop. Tasks that end before are skipped.',
    tone: 'danger',
  },
  purge: {
    verb: 'Purge',
    will: 'will be removed for good',
    note: 'Their payloads and errors go too, and nobody can bring them back. Tasks that are no longer failed are skipped.',
    tone: 'danger',
  },
};

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

type LeftOver = Pick<Operation, 'action' | 'filter' | 'toQueue' | 'reason' | 'cursor'>;
/** The command that goes on with what an operation left over. Dead letters that were dealt with are none any more. */
export function goOnLine({ action, filter, toQueue, reason, cursor }: LeftOver): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  const why = `--reason ${quoted(reason)}`;
  if (action === 'purge') return `drover dead purge ${quoted(filter)} ${why}`;
  if (toQueue !== undefined) return `drover dead redrive ${quoted(filter)} --to-queue ${toQueue} ${why}`;
  return `drover ${action} --filter ${quoted(filter)} ${why} --from '${cursor ?? ''}'`;
}
