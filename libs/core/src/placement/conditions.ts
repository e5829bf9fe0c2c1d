import satisfiesRange from 'semver/functions/satisfies.js';
import type { Shape } from '../shapes.js';

/** How a condition compares the value of a label; the text form of each stands in `parse-conditions.ts`. */
export const OPERATORS = ['in', 'not', 'exists', 'absent', 'gt', 'gte', 'lt', 'lte', 'semver', 'glob'] as const;
export type Operator = (typeof OPERATORS)[number];

/**
 * A condition on one label of a worker. `values`: those of `in` and `not`, one for the others, none for `exists` and
 * `absent`.
 */
export interface Condition {
  readonly label: string;
  readonly op: Operator;
  readonly values?: readonly string[];
}

/** All of them hold. Sorted by label, so that equal ones are written alike. */
export type Where = readonly Condition[];

export type Labels = Readonly<Record<string, string>>;

export const MOST_CONDITIONS = 16;
export const MOST_VALUES = 64;
/** Bytes of all conditions as JSON. */
export const WHERE_BYTES = 1_024;

export const WHERE_SHAPE: Shape = {
  kind: 'list',
  of: {
    kind: 'fields',
    fields: {
      label: { kind: 'text' },
      op: { kind: 'choice', of: OPERATORS },
      values: { kind: 'optional', of: { kind: 'list', of: { kind: 'text' }, most: MOST_VALUES } },
    },
  },
  most: MOST_CONDITIONS,
};

/** Whether a worker with these labels meets all conditions. One without the label meets `absent` and `not` alone. */
export const satisfies = (where: Where, labels: Labels): boolean =>
  where.every((condition) => meets(condition, labels));

/** The labels whose conditions such a worker does not meet, each by itself. */
export const failing = (where: Where, labels: Labels): string[] =>
  where.filter((condition) => !meets(condition, labels)).map(({ label }) => label);

function meets({ label, op, values = [] }: Condition, labels: Labels): boolean {
  const value = Object.hasOwn(labels, label) ? labels[label] : undefined;
  if (value === undefined) return op === 'absent' || op === 'not';
  const [wanted = ''] = values;
  switch (op) {
    case 'in':
      return values.includes(value);
    case 'not':
      return !values.includes(value);
    case 'exists':
      return true;
    case 'absent':
      return false;
    case 'gt':
      return Number(value) > Number(wanted);
    case 'gte':
      return Number(value) >= Number(wanted);
    case 'lt':
      return Number(value) < Number(wanted);
    case 'lte':
      return Number(value) <= Number(wanted);
    case 'semver':
      return satisfiesRange(value, wanted);
    case 'glob':
      return matchesGlob(wanted, value);
  }
}

/** `*` stands for any text. Takes time in proportion to both lengths, whatever the pattern: the leader runs it. */
export function matchesGlob(pattern: string, text: string): boolean {
  let at = 0;
  let p = 0;
  let star = -1;
  let from = 0;
  while (at < text.length) {
    if (p < pattern.length && pattern[p] === '*') {
      star = p++;
      from = at;
    } else if (p < pattern.length && pattern[p] === text[at]) {
      p++;
      at++;
    } else if (star >= 0) {
      p = star + 1;
      at = ++from;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

export const sameWhere = (a: Where | null, b: Where | null): boolean =>
  a === b || (a !== null && b !== null && JSON.stringify(a) === JSON.stringify(b));
