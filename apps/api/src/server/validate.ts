import { nearest } from '@drover/core';
import * as z from 'zod';
import { ApiError } from '../api-error.js';

const SHOWN = 80;

/**
 * The value as the schema makes it. Throws `ApiError` `invalid-argument` that names the field, what was expected and what was
 * given. `where`: `query`, `body` or `path`.
 */
export function checked<Schema extends z.ZodType>(schema: Schema, given: unknown, where: string): z.output<Schema> {
  const result = schema.safeParse(given, { reportInput: true });
  if (result.success) return result.data;
  const issue = deepest(result.error.issues);
  throw refusal(issue, schema, given, where);
}

type Issue = z.core.$ZodIssue;

/** Of alternatives the one that says most: it failed at the deepest field. */
function deepest(issues: readonly Issue[]): Issue {
  const [first] = issues;
  if (first === undefined) throw new Error('a schema refused without an issue');
  if (first.code !== 'invalid_union') return first;
  const inner = first.errors.flat().sort((a, b) => b.path.length - a.path.length)[0];
  return inner === undefined || inner.path.length === 0 ? first : { ...inner, path: [...first.path, ...inner.path] };
}

function refusal(issue: Issue, schema: z.ZodType, given: unknown, where: string): ApiError {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') return unknownField(issue, schema, where);
  const field = path.length === 0 ? where : path.map(String).join('.');
  const value = path.reduce<unknown>((at, name) => (at as Record<PropertyKey, unknown> | undefined)?.[name], given);
  const expected = expectedOf(issue);
  const got = value === undefined ? 'it is missing' : `got ${shown(value)}`;
  return new ApiError('invalid-argument', `${field}: expected ${expected}, ${got}`, { field, expected });
}

function unknownField(
  issue: Extract<Issue, { code: 'unrecognized_keys' }>,
  schema: z.ZodType,
  where: string,
): ApiError {
  const name = issue.keys[0] ?? '';
  const field = [...issue.path.map(String), name].join('.');
  const known = issue.path.length === 0 && schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  const near = nearest(name, known);
  const hint = near !== null ? `; did you mean '${near}'?` : known.length > 0 ? `; there are ${known.join(', ')}` : '';
  const what = where === 'query' ? 'parameter' : 'field';
  return new ApiError('invalid-argument', `unknown ${what} '${field}' in the ${where}${hint}`, {
    field,
    expected: known.length > 0 ? `one of ${known.join(', ')}` : 'no such field',
  });
}

/** Completes "expected ...". */
function expectedOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'int' ? 'a whole number' : `a value of the type ${issue.expected}`;
    case 'invalid_value':
      return `one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'too_big':
      return sized(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum);
    case 'too_small':
      return sized(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum);
    case 'invalid_format':
      return `text of the format ${issue.format}`;
    default:
      return issue.message.replace(/^Invalid input:? ?(expected )?/i, '') || 'another value';
  }
}

function sized(origin: string, how: string, bound: number | bigint): string {
  if (origin === 'string') return `text of ${how} ${bound} characters`;
  if (origin === 'array' || origin === 'set') return `${how} ${bound} entries`;
  return `a number of ${how} ${bound}`;
}

function shown(value: unknown): string {
  const text = textOf(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN - 3)}...` : text;
}

function textOf(value: unknown): string {
  try {
    return typeof value === 'bigint' ? value.toString() : JSON.stringify(value);
  } catch {
    return 'what is nested too deeply';
  }
}
