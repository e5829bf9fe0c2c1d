import { schemas } from '@drover/api';
import { withDeadline } from '@drover/runtime';
import * as z from 'zod';
import type { ApiContext } from '../api-context.js';
import type { Handler } from '../handlers/handler.js';
import { cursorOf, readCursor } from '../server/cursor.js';
import type { AuditEntry } from './audit.js';

/** The address at which replicas ask for each other's entries. */
export const AUDIT_PATH = '/internal/audit';
/** A replica that does not answer within it is left out, which `complete` says. */
const WITHIN_MS = 1_000;
const answerSchema = z.object({ entries: z.array(schemas.auditEntry) });

/** Of all replicas that answer, the newest first. */
export const listAudit: Handler = async ({ query, signal }, context) => {
  const { limit, cursor, who, action, object } = query as {
    limit: number;
    cursor?: string;
    who?: string;
    action?: string;
    object?: string;
  };
  const list = ['audit', who ?? null, action ?? null, object ?? null];
  const after = readCursor(cursor, list);
  const others = await entriesOfOthers(context, signal);
  const all = [...context.audit.entries(), ...others.entries].sort(newestFirst);
  const wanted = all.filter(
    (entry) =>
      (who === undefined || entry.who === who) &&
      (action === undefined || entry.action === action) &&
      (object === undefined || entry.object === object) &&
      (after === null || newestFirst(entry, { at: Number(after[0]), id: String(after[1]) }) > 0),
  );
  const items = wanted.slice(0, limit);
  const last = items.at(-1);
  const next = wanted.length > limit && last !== undefined ? cursorOf(list, [last.at, last.id]) : null;
  return { status: 200, json: { items, next, revision: null, complete: others.complete } };
};

type Place = Pick<AuditEntry, 'at' | 'id'>;
const newestFirst = (a: Place, b: Place): number => b.at - a.at || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);

async function entriesOfOthers(
  context: ApiContext,
  signal: AbortSignal,
): Promise<{ entries: AuditEntry[]; complete: boolean }> {
  const { value } = await context.members.schedulers();
  const others = value.filter(({ id }) => id !== context.schedulerId);
  const answers = await Promise.all(
    others.map(({ api }) => (api === undefined ? Promise.resolve(null) : ask(api, context, signal).catch(() => null))),
  );
  return { entries: answers.flatMap((entries) => entries ?? []), complete: !answers.includes(null) };
}

async function ask(api: string, { replicas, access, runtime }: ApiContext, signal: AbortSignal): Promise<AuditEntry[]> {
  const { status, json } = await withDeadline(runtime, WITHIN_MS, (late) =>
    replicas.json(new URL(api + AUDIT_PATH), {
      method: 'GET',
      headers: access.replicaHeaders('GET', AUDIT_PATH),
      signal: AbortSignal.any([signal, late]),
    }),
  );
  if (status !== 200) throw new Error(`it answered ${status}`);
  return answerSchema.parse(json).entries;
}
