import validRange from 'semver/ranges/valid.js';
import { checkOptions } from '../check-options.js';
import { InvalidArgumentError } from '../errors.js';
import { LIMITS } from '../limits.js';
import { isWellFormed } from '../names.js';
import { MOST_CONDITIONS, MOST_VALUES, WHERE_BYTES, type Condition, type Operator, type Where } from './conditions.js';

/** A condition on one label, as somebody gives it: a value, some values, or `{ gte: 8 }`. */
export type GivenCondition =
  | string
  | number
  | readonly (string | number)[]
  | { readonly not: string | number | readonly (string | number)[] }
  | { readonly exists: true }
  | { readonly absent: true }
  | Readonly<Partial<Record<'gt' | 'gte' | 'lt' | 'lte', number>>>
  | { readonly semver: string }
  | { readonly glob: string };
export type GivenWhere = Readonly<Record<string, GivenCondition>>;

const NAMES = ['not', 'exists', 'absent', 'gt', 'gte', 'lt', 'lte', 'semver', 'glob'] as const;
const NUMERIC: ReadonlySet<Operator> = new Set<Operator>(['gt', 'gte', 'lt', 'lte']);

/**
 * Conditions on labels of workers, by label: `{ zone: ['a', 'b'], arch: { not: 'arm' }, cores: { gte: 8 } }`, or as text
 * `zone=a|b,arch!=arm,cores>=8,!gpu`. `null` for none. Throws `InvalidArgumentError`.
 */
export function parseConditions(argument: string, given: unknown): Where | null {
  const conditions = typeof given === 'string' ? conditionsOfText(argument, given) : conditionsOf(argument, given);
  if (conditions.length === 0) return null;
  if (conditions.length > MOST_CONDITIONS)
    throw new InvalidArgumentError(argument, `${conditions.length} conditions`, `${MOST_CONDITIONS} at most`);
  const where = conditions.sort((a, b) => (a.label + a.op < b.label + b.op ? -1 : 1));
  const bytes = new TextEncoder().encode(JSON.stringify(where)).length;
  if (bytes > WHERE_BYTES) throw new InvalidArgumentError(argument, `${bytes} bytes`, `${WHERE_BYTES} bytes at most`);
  return Object.freeze(where);
}

function conditionsOf(argument: string, given: unknown): Condition[] {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new InvalidArgumentError(argument, given, "conditions by label, such as { zone: 'a', cores: { gte: 8 } }");
  return Object.entries(given).flatMap(([label, condition]: [string, unknown]) => ofLabel(argument, label, condition));
}

function ofLabel(argument: string, label: string, given: unknown): Condition[] {
  if (label.length === 0 || label.length > LIMITS.nameLength || !isWellFormed(label))
    throw new InvalidArgumentError(argument, label, `names of labels of 1 to ${LIMITS.nameLength} characters`);
  const at = `${argument}.${label}`;
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return [{ label, op: 'in', values: valuesOf(at, given) }];
  checkOptions(given, NAMES, at);
  const entries = Object.entries(given) as [(typeof NAMES)[number], unknown][];
  if (entries.length === 0)
    throw new InvalidArgumentError(at, given, 'a value, some values, or one such as { gte: 8 }');
  return entries.map(([op, value]) => conditionOf(`${at}.${op}`, label, op, value));
}

function conditionOf(argument: string, label: string, op: Operator, given: unknown): Condition {
  if (op === 'exists' || op === 'absent') {
    if (given === true) return { label, op };
    throw new InvalidArgumentError(argument, given, 'true');
  }
  if (op === 'in' || op === 'not') return { label, op, values: valuesOf(argument, given) };
  if (NUMERIC.has(op)) {
    const number = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
    if (typeof number === 'number' && Number.isFinite(number)) return { label, op, values: [String(number)] };
    throw new InvalidArgumentError(argument, given, 'a number');
  }
  const [value = ''] = valuesOf(argument, given);
  if (op === 'semver' && validRange(value) === null)
    throw new InvalidArgumentError(argument, given, "a range of versions such as '>=1.5.0'");
  return { label, op, values: [value] };
}

function valuesOf(argument: string, given: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (list.length === 0 || list.length > MOST_VALUES)
    throw new InvalidArgumentError(argument, `${list.length} values`, `1 to ${MOST_VALUES} values`);
  const values = Array.from(list, (each) => (typeof each === 'number' && Number.isFinite(each) ? String(each) : each));
  const wrong = values.find(
    (each) => typeof each !== 'string' || each.length > LIMITS.keyLength || !isWellFormed(each),
  );
  if (wrong !== undefined) throw new InvalidArgumentError(argument, wrong, 'texts or numbers');
  return [...new Set(values as string[])].sort();
}

const FORMS: readonly (readonly [RegExp, Operator])[] = [
  [/^([^\s=!<>|]+)\s*!=\s*(.+)$/, 'not'],
  [/^([^\s=!<>|]+)\s*>=\s*(.+)$/, 'gte'],
  [/^([^\s=!<>|]+)\s*<=\s*(.+)$/, 'lte'],
  [/^([^\s=!<>|]+)\s*>\s*(.+)$/, 'gt'],
  [/^([^\s=!<>|]+)\s*<\s*(.+)$/, 'lt'],
  [/^([^\s=!<>|]+)\s*=\s*([^\s=].*)$/, 'in'],
  [/^([^\s=!<>|]+)\s+in\s+(.+)$/, 'in'],
  [/^([^\s=!<>|]+)\s+semver\s+(.+)$/, 'semver'],
  [/^([^\s=!<>|]+)\s+glob\s+(.+)$/, 'glob'],
  [/^!([^\s=!<>|]+)$/, 'absent'],
  [/^([^\s=!<>|]+)$/, 'exists'],
];

/** `zone=a|b,arch!=arm,cores>=8,!gpu,disk,version semver >=1.5.0,rack glob r1-*`: separated by commas. */
function conditionsOfText(argument: string, given: string): Condition[] {
  return given.split(',').map((part) => {
    const text = part.trim();
    for (const [form, op] of FORMS) {
      const [, label, value] = form.exec(text) ?? [];
      if (label === undefined) continue;
      const values = value === undefined ? true : op === 'in' || op === 'not' ? value.split('|') : value.trim();
      return conditionOf(argument, label, op, values);
    }
    throw new InvalidArgumentError(
      argument,
      part,
      'conditions such as zone=a|b, arch!=arm, cores>=8, gpu or !gpu, separated by commas',
    );
  });
}

const SIGNS: Readonly<Partial<Record<Operator, string>>> = {
  not: '!=',
  gt: '>',
  gte: '>=',
  lt: '<',
  lte: '<=',
  in: '=',
};

/** `zone=a|b,cores>=8`: as `parseConditions` reads it. */
export const formatWhere = (where: Where): string => where.map(formatCondition).join(',');

function formatCondition({ label, op, values = [] }: Condition): string {
  if (op === 'exists') return label;
  if (op === 'absent') return `!${label}`;
  const sign = SIGNS[op] ?? ` ${op} `;
  return `${label}${sign}${values.join('|')}`;
}
