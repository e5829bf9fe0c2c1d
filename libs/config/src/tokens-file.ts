import { statSync } from 'node:fs';
import { QUEUE_GLOB, ROLES, type Role } from '@drover/core';
import * as z from 'zod';
import { ConfigError } from './errors.js';
import { readSettingsFile } from './settings-file.js';

/** A token of `--api-tokens-file`. */
export interface FileToken {
  id: string;
  name: string;
  sha256: string;
  roles: readonly Role[];
  queues: readonly string[] | null;
  expiresAt: number | null;
}

/** `role` is a role, or several: `operator,payloads`. */
const roles = z.string().transform((text, context) => {
  const found = text.split(/[,+]/).map((name) => ROLES.find((role) => role === name.trim()));
  if (found.every((role) => role !== undefined)) return found;
  context.addIssue({ code: 'custom', message: `expected some of ${ROLES.join(', ')}` });
  return z.NEVER;
});
const expires = z.union([z.number(), z.iso.datetime({ offset: true }), z.iso.date()]).transform((given) => {
  return typeof given === 'number' ? given : Date.parse(given);
});
const tokensSchema = z.array(
  z.strictObject({
    id: z.string().regex(/^[0-9a-z]{10,32}$/, 'expected 10 to 32 lower-case letters and digits, as in drv_<id>_...'),
    sha256: z
      .string()
      .toLowerCase()
      .regex(/^[0-9a-f]{64}$/, 'expected the SHA-256 of the whole token, as 64 hexadecimal digits'),
    name: z.string().min(1).max(128),
    role: roles,
    queues: z
      .array(z.string().regex(QUEUE_GLOB, "expected a queue, or a beginning such as 'images*'"))
      .min(1)
      .optional(),
    expires: expires.optional(),
  }),
);

/** Refuses a file that every user of the machine may read. `source` is how the user named it. Throws `ConfigError`. */
export function readTokensFile(path: string, source: string): FileToken[] {
  const text = readSettingsFile(path, source);
  if (process.platform !== 'win32' && (statSync(path).mode & 0o007) !== 0)
    throw new ConfigError([`${source}: ${path}: every user of this machine may read or change it; chmod 600 ${path}`]);
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    // The message of the parser shows a part of the text.
    throw new ConfigError([`${source}: ${path}: not JSON; expected [{ "id", "sha256", "name", "role" }]`]);
  }
  const parsed = tokensSchema.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ConfigError([`${source}: ${path}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not tokens'}`]);
  }
  const ids = parsed.data.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new ConfigError([`${source}: ${path}: the id '${twice}' is given more than once`]);
  return parsed.data.map(({ role, queues = null, expires: expiresAt = null, ...token }) => ({
    ...token,
    roles: [...new Set(role)],
    queues,
    expiresAt,
  }));
}
