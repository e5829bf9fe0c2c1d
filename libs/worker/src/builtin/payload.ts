import { RejectTaskError } from '@drover/core';
import type { z } from 'zod';

/** Throws `RejectTaskError` that says which field of the payload is not what the type takes. */
export function parsePayload<Schema extends z.ZodType>(
  type: string,
  schema: Schema,
  payload: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(payload);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue === undefined || issue.path.length === 0 ? 'payload' : `payload.${issue.path.join('.')}`;
  throw new RejectTaskError(`${type}: ${field}: ${issue?.message ?? 'not valid'}`);
}
