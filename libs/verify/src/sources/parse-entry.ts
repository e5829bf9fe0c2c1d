import { HISTORY_SCHEMAS, type Entry, type HistoryName } from '../history.js';
import { HistoryError } from '../history-error.js';

/** Throws `HistoryError` that names `where`, the field and what was expected. */
export function parseEntry<Name extends HistoryName>(name: Name, value: unknown, where: string): Entry<Name> {
  const parsed = HISTORY_SCHEMAS[name].safeParse(value);
  if (parsed.success) return parsed.data as Entry<Name>;
  const [issue] = parsed.error.issues;
  const field = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  throw new HistoryError(`${where}: ${field}${issue?.message ?? 'not an entry'} (a line of ${name})`);
}
