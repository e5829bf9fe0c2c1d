import { NAME_PATTERN } from './limits.js';

/**
 * The JSON value of a field, as data: the schema of records, the check of what a caller gives and the documents follow
 * from it. Numbers are finite; a whole one is a safe integer; `min` and `max` belong to the range, `above` does not.
 */
export type Shape =
  | { readonly kind: 'text' | 'flag' }
  | { readonly kind: 'number'; readonly min?: number; readonly above?: number; readonly max?: number }
  | { readonly kind: 'whole'; readonly min?: number; readonly max?: number }
  | { readonly kind: 'choice'; readonly of: readonly string[] }
  | { readonly kind: 'fields'; readonly fields: Readonly<Record<string, Shape>> }
  /** An object with as many fields as somebody likes, `most` at most; their names are names of queues, workers, tenants. */
  | { readonly kind: 'by-name'; readonly of: Shape; readonly most: number }
  | { readonly kind: 'nullable'; readonly of: Shape };

/** Whether `value` is what `shape` says. */
export function fits(shape: Shape, value: unknown): boolean {
  switch (shape.kind) {
    case 'text':
      return typeof value === 'string';
    case 'flag':
      return typeof value === 'boolean';
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) && isWithin(value, shape);
    case 'whole':
      return typeof value === 'number' && Number.isSafeInteger(value) && isWithin(value, shape);
    case 'choice':
      return typeof value === 'string' && shape.of.includes(value);
    case 'nullable':
      return value === null || fits(shape.of, value);
    case 'by-name':
      return isByName(value, shape);
    case 'fields':
      return (
        typeof value === 'object' &&
        value !== null &&
        Object.entries(shape.fields).every(([name, field]) => fits(field, (value as Record<string, unknown>)[name]))
      );
  }
}

function isByName(value: unknown, { of, most }: Extract<Shape, { kind: 'by-name' }>): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return entries.length <= most && entries.every(([name, each]) => NAME_PATTERN.test(name) && fits(of, each));
}

function isWithin(value: number, { min, above, max }: { min?: number; above?: number; max?: number }): boolean {
  return (
    (min === undefined || value >= min) && (above === undefined || value > above) && (max === undefined || value <= max)
  );
}

/** Of a flag: the text itself where it is no number, so that the error shows what was given. */
export function numberFromText(text: string): number | string {
  const number = text.trim() === '' ? NaN : Number(text);
  return Number.isNaN(number) ? text : number;
}
