import { FILTER_FIELD_NAMES } from '@drover/core';

const NEGATED = new RegExp(`^-(${FILTER_FIELD_NAMES.join('|')}):`);
/** A character that no argument of a process can contain. */
const MARK = '\u0000';

/**
 * `-state:failed` is a term of a filter, but the parser would take it for options: the term is hidden from it behind a
 * mark.
 */
export const hideNegatedTerms = (argv: readonly string[]): string[] =>
  argv.map((arg) => (NEGATED.test(arg) ? MARK + arg : arg));

/** The parsed text, as it was given. */
export function revealNegatedTerms(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revealNegatedTerms);
  return typeof value === 'string' && value.startsWith(MARK) ? value.slice(1) : value;
}
