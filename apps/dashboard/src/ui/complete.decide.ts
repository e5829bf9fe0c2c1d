import { FILTER_FIELD_NAMES, FilterError, nearest, parseFilter, SHOWN_STATES } from '@drover/core';

/** Names that are known, for the values of some fields. */
export interface KnownNames {
  queue: readonly string[];
  type: readonly string[];
  worker: readonly string[];
}
export interface Completion {
  /** The text that is shown. */
  label: string;
  /** The whole filter with it. */
  filter: string;
}

const MOST = 10;
const HINTS: Readonly<Record<string, readonly string[]>> = {
  since: ['5m', '1h', '24h', '7d'],
  until: ['5m', '1h', '24h'],
  attempt: ['1', '>1', '>=3'],
};

/** Completions of the term at the end of a filter: fields, then values of the field. */
export function completionsOf(text: string, known: KnownNames): Completion[] {
  const [, before = '', last = ''] = /^(.*?)(\S*)$/s.exec(text) ?? [];
  const [, minus = '', field, values] = /^(-?)(?:([a-z]+):)?(.*)$/.exec(last) ?? [];
  if (field === undefined)
    return FILTER_FIELD_NAMES.filter((name) => name.startsWith(values ?? '')).map((name) => ({
      label: `${minus}${name}:`,
      filter: `${before}${minus}${name}:`,
    }));
  const [, given = '', part = ''] = /^(.*,)?([^,]*)$/.exec(values ?? '') ?? [];
  return valuesOf(field, known)
    .filter((value) => value.startsWith(part) && value !== part)
    .slice(0, MOST)
    .map((value) => ({ label: `${field}:${value}`, filter: `${before}${minus}${field}:${given}${value} ` }));
}

function valuesOf(field: string, known: KnownNames): readonly string[] {
  if (field === 'state') return SHOWN_STATES;
  if (field === 'queue' || field === 'type' || field === 'worker') return known[field];
  return HINTS[field] ?? [];
}

/** The fault of a filter and its position; null: it has none. */
export function faultOf(text: string): { message: string; position: number } | null {
  try {
    parseFilter(text);
    return null;
  } catch (error) {
    if (error instanceof FilterError) return { message: error.message, position: error.position };
    throw error;
  }
}

/** Text that somebody typed without a field is an id, or a queue or type that is known, or else a part of an error. */
export function guessFilter(text: string, known: KnownNames): string | null {
  const word = text.trim();
  if (word === '' || /[\s:"]/.test(word)) return null;
  if (/^(?:[a-z0-9-]+:)?[0-9A-HJKMNP-TV-Z]{26}\.\d+$/.test(word)) return `id:${word}`;
  if (/^[0-9A-HJKMNP-TV-Z]{26}$/.test(word)) return `batch:${word}`;
  if ((SHOWN_STATES as readonly string[]).includes(word)) return `state:${word}`;
  for (const field of ['queue', 'type', 'worker'] as const) if (known[field].includes(word)) return `${field}:${word}`;
  const near = nearest(word, SHOWN_STATES);
  return near === null ? null : `state:${near}`;
}
