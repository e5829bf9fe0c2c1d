import { NAME_PATTERN, TYPE_PATTERN } from './limits.js';

/**
 * The shape of a field's JSON value, as data. The schema of records, the check of arguments and the documents are made
 * from it. Numbers are finite; a whole one is a safe integer; `min` and `max` belong to the range, `above` does not.
 */
export type Shape =
  | { readonly kind: 'text' | 'flag' }
  | { readonly kind: 'number'; readonly min?: number; readonly above?: number; readonly max?: number }
  | { readonly kind: 'whole'; readonly min?: number; readonly max?: number }
  | { readonly kind: 'choice'; readonly of: readonly string[] }
  /** The name of a queue, or of a type of tasks. */
  | { readonly kind: 'name'; readonly of: 'queue' | 'type' }
  | { readonly kind: 'fields'; readonly fields: Readonly<Record<string, Shape>> }
  /** An object with as many fields as somebody likes, `most` at most; their names are names of queues, workers, tenants. */
  | { readonly kind: 'by-name'; readonly of: Shape; readonly most: number }
  /** An array of 1 to `most` values. */
  | { readonly kind: 'list'; readonly of: Shape; readonly most: number }
  /** Of a field: it may be left out. */
  | { readonly kind: 'optional'; readonly of: Shape }
  | { readonly kind: 'nullable'; readonly of: Shape };

/** Whether `value` has the shape. */
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
    case 'name':
      return typeof value === 'string' && patternOf(shape.of).test(value);
    case 'optional':
      return value === undefined || fits(shape.of, value);
    case 'nullable':
      return value === null || fits(shape.of, value);
    case 'by-name':
      return isByName(value, shape);
    case 'list':
      return (
        Array.isArray(value) &&
        value.length > 0 &&
        value.length <= shape.most &&
        value.every((each) => fits(shape.of, each))
      );
    case 'fields':
      return (
        typeof value === 'object' &&
        value !== null &&
        !Array.isArray(value) &&
        Object.entries(shape.fields).every(([name, field]) => fits(field, (value as Record<string, unknown>)[name]))
      );
  }
}

/** Which names are names of a queue, or of a type. */
export const patternOf = (of: 'queue' | 'type'): RegExp => (of === 'queue' ? NAME_PATTERN : TYPE_PATTERN);

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

/** The number that a flag's text says; the text itself if it is no number, so that the error can show it. */
export function numberFromText(text: string): number | string {
  const number = text.trim() === '' ? NaN : Number(text);
  return Number.isNaN(number) ? text : number;
}
