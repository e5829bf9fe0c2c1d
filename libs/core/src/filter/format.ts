import { formatDuration } from '../duration.js';
import type { Filter, FilterTerm, NumberValue, TextValue, TimeValue } from './fields.js';

/** The filter as text that `parseFilter` reads back to the same. Pure. */
export function formatFilter(filter: Filter): string {
  return filter.map(formatTerm).join(' ');
}

function formatTerm(term: FilterTerm): string {
  const values = (term.values as readonly (TextValue | NumberValue | TimeValue)[]).map(formatValue);
  return `${term.negated ? '-' : ''}${term.field}:${values.join(',')}`;
}

function formatValue(value: TextValue | NumberValue | TimeValue): string {
  if ('text' in value) return formatText(value.text) + (value.prefix ? '*' : '');
  if ('number' in value) return `${value.operator === '=' ? '' : value.operator}${value.number}`;
  return 'at' in value ? new Date(value.at).toISOString() : formatDuration(value.agoMs);
}

/** The text, quoted if a space, a comma, a star or a quote in it would have a special meaning. */
function formatText(text: string): string {
  return text !== '' && !/[\s,*"]/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
}
