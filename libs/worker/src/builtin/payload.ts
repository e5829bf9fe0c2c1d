import { RejectTaskError } from '@drover/core';
import type * as z from 'zod';

/** Throws `RejectTaskError` that says everything about the payload that is not what the type takes. */
export function parsePayload<Schema extends z.ZodType>(
  type: string,
  schema: Schema,
  payload: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(payload);
  if (parsed.success) return parsed.data;
  throw new RejectTaskError(`${type}: ${parsed.error.issues.flatMap((issue) => inWords(issue)).join('; ')}`);
}

type Issue = z.core.$ZodIssue;

/** Of a union the branch that comes nearest is explained: the one with the fewest issues. */
function inWords(issue: Issue, at: readonly PropertyKey[] = []): string[] {
  const path = [...at, ...issue.path];
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [`${fieldAt(path)}: ${problem(issue)}`];
  const nearest = issue.errors.reduce((best, branch) => (weight(branch) < weight(best) ? branch : best));
  return nearest.flatMap((inner) => inWords(inner, path));
}

/** A field that is unknown to a branch says more against it than one that is wrong. */
const weight = (issues: readonly Issue[]): number =>
  issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? 2 : 1), 0);

function fieldAt(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}.${String(part)}`),
    'payload',
  );
}

function problem(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('received undefined')
        ? `missing, expected ${issue.expected}`
        : issue.message.replace('Invalid input: ', '');
    case 'unrecognized_keys':
      return `unknown ${issue.keys.length === 1 ? 'field' : 'fields'} ${issue.keys.map((key) => `'${key}'`).join(', ')}`;
    default:
      return issue.message.replace('Invalid input: ', '').replace('Invalid input', 'not what this field takes');
  }
}
