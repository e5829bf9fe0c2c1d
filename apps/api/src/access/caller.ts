import type { Role, schemas } from '@drover/api';
import type * as z from 'zod';

/** Who asks, and what the caller may see: `queues` are globs such as `images*`; null: every queue. */
export type Caller = Readonly<z.output<typeof schemas.caller>>;

/** The caller where nobody needs to sign in: everything is allowed. */
export const ANYBODY: Caller = { name: 'anybody', auth: 'none', roles: ['admin'] satisfies Role[], queues: null };

/** Whether the caller may see this queue. */
export function sees({ queues }: Caller, queue: string): boolean {
  return queues === null || queues.some((glob) => matches(glob, queue));
}

const matches = (glob: string, name: string): boolean =>
  glob.endsWith('*') ? name.startsWith(glob.slice(0, -1)) : name === glob;
