import { parseDuration } from '../duration.js';
import { nearest } from '../nearest.js';
import { SHOWN_STATES } from '../states.js';
import {
  FILTER_FIELD_NAMES,
  FILTER_FIELDS,
  type Filter,
  type FilterField,
  type FilterTerm,
  type NumberValue,
  type TextValue,
  type TimeValue,
} from './fields.js';
import { parseInstant } from './instant.js';
import { FilterError, ValueScanner, type RawValue } from './scan.js';

/** Characters. */
const LONGEST = 8_192;

/**
 * Reads `state:failed queue:images,mail -type:resize* since:1h error:"no such file"`: terms with spaces between them,
 * all of which must hold. `docs/filters.md` describes the language. Throws `FilterError` with the position of what is
 * wrong.
 */
export function parseFilter(text: string): Filter {
  if (text.length > LONGEST) throw new FilterError(`a filter may have at most ${LONGEST} characters`, LONGEST);
  const terms: FilterTerm[] = [];
  let at = skipSpace(text, 0);
  while (at < text.length) {
    const { term, end } = parseTerm(text, at);
    terms.push(term);
    at = skipSpace(text, end);
  }
  return terms;
}

/** The term of one field from the text of an option, where spaces belong to the values. Throws `FilterError`. */
export function filterTerm(field: FilterField, values: string): FilterTerm {
  const raw = FILTER_FIELDS[field] === 'part' ? [literal(values)] : new ValueScanner(values, 0, false).values();
  return termOf(field, false, raw);
}

/** The value of a field that is searched for a part of its text: no character of it has a special meaning. */
function literal(text: string): RawValue {
  if (text === '') throw new FilterError('missing value', 0);
  return { text, prefix: false, position: 0 };
}

function skipSpace(text: string, from: number): number {
  const rest = /\S/.exec(text.slice(from));
  return rest === null ? text.length : from + rest.index;
}

function parseTerm(text: string, from: number): { term: FilterTerm; end: number } {
  const negated = text[from] === '-';
  const at = negated ? from + 1 : from;
  const [name = ''] = /^[^\s:",*]*/.exec(text.slice(at)) ?? [];
  if (text[at + name.length] !== ':') throw new FilterError(noTerm(text.slice(from)), from);
  const field = fieldOf(name, at);
  const scanner = new ValueScanner(text, at + name.length + 1, true);
  const term = termOf(field, negated, scanner.values());
  return { term, end: scanner.end };
}

function noTerm(rest: string): string {
  const [word = ''] = /^\S+/.exec(rest) ?? [];
  return `${quote(word)}: expected FIELD:VALUE, such as state:failed`;
}

function fieldOf(name: string, position: number): FilterField {
  const field = FILTER_FIELD_NAMES.find((known) => known === name);
  if (field !== undefined) return field;
  const near = nearest(name, FILTER_FIELD_NAMES);
  const hint = near === null ? `expected one of ${FILTER_FIELD_NAMES.join(', ')}` : `did you mean '${near}'?`;
  throw new FilterError(`unknown field ${quote(name)}; ${hint}`, position);
}

function termOf(field: FilterField, negated: boolean, raw: readonly RawValue[]): FilterTerm {
  switch (field) {
    case 'attempt':
      return { field, negated, values: raw.map((value) => numberOf(field, value)) };
    case 'since':
    case 'until':
      return { field, negated, values: raw.map((value) => timeOf(field, value)) };
    case 'state':
      return { field, negated, values: raw.map(stateOf) };
    case 'error':
      return { field, negated, values: raw.map(partOf) };
    case 'queue':
    case 'type':
    case 'worker':
    case 'key':
    case 'batch':
    case 'id':
      return { field, negated, values: raw.map(({ text, prefix }) => ({ text, prefix })) };
  }
}

function stateOf({ text, prefix, position }: RawValue): TextValue {
  if (!prefix && (SHOWN_STATES as readonly string[]).includes(text)) return { text, prefix };
  const near = nearest(text, SHOWN_STATES);
  const meant = near === null ? '' : `; did you mean '${near}'?`;
  throw new FilterError(
    `state: expected one of ${SHOWN_STATES.join(', ')}, got ${quote(shown(text, prefix))}${meant}`,
    position,
  );
}

/** `*` at the end is ignored: a field that is searched for a part needs no prefix. */
const partOf = ({ text }: RawValue): TextValue => ({ text, prefix: false });

function numberOf(field: string, { text, prefix, position }: RawValue): NumberValue {
  const [, operator = '', digits] = /^(>=|<=|>|<|=)?(\d{1,9})$/.exec(text) ?? [];
  if (digits !== undefined && !prefix)
    return { operator: (operator || '=') as NumberValue['operator'], number: Number(digits) };
  throw new FilterError(
    `${field}: expected a whole number, perhaps after >, >=, < or <=, got ${quote(shown(text, prefix))}`,
    position,
  );
}

function timeOf(field: string, { text, prefix, position }: RawValue): TimeValue {
  if (!prefix && /^\d+(\.\d+)?(ms|s|m|h|d)$/.test(text)) {
    try {
      return { agoMs: parseDuration(field, text) };
    } catch {
      throw new FilterError(`${field}: ${quote(text)} is longer than ten years`, position);
    }
  }
  const at = prefix ? null : parseInstant(text);
  if (at !== null) return { at };
  const expected = 'a duration before now such as 30s, 5m, 1h or 2d, or a time such as 2026-11-28 or 2026-11-28T10:00Z';
  throw new FilterError(`${field}: expected ${expected}, got ${quote(shown(text, prefix))}`, position);
}

const shown = (text: string, prefix: boolean): string => `${text}${prefix ? '*' : ''}`;

function quote(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  return JSON.stringify(short);
}
