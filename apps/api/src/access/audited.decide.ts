import type { Route } from '@drover/api';
import type { Ended } from './access.js';
import { may, type Caller } from './caller.js';

/** Routes that only ask, though their method is another. */
const ONLY_ASK = new Set(['previewBulk', 'previewSchedule']);
/** Routes that show what users' tasks carry, and the names of their events. */
const SHOWS: Readonly<Record<string, string>> = { getResult: 'seeResult', getLogs: 'seeLogs', getZnode: 'seeZnode' };
/** Their own handlers know who signed in, and write the event. */
const BY_THEMSELVES = new Set(['signIn', 'login', 'callback']);

/** As what an event tells of the request; null: it is not audited. */
export function auditedAs(route: Route, { query = {} }: Pick<Ended, 'query'>, caller: Caller): string | null {
  if (BY_THEMSELVES.has(route.name) || ONLY_ASK.has(route.name)) return null;
  if (route.method !== 'GET') return route.name;
  // Callers who may not see payloads get none.
  if (route.name === 'getTask') return isSet(query.payload) && may(caller, 'see-payloads') ? 'seePayload' : null;
  return SHOWS[route.name] ?? null;
}

const isSet = (value: unknown): boolean => typeof value === 'string' && !['', '0', 'false'].includes(value);

/** The task, queue, token ... that it is about: the parameter of the path, or the name in the body. */
export function objectOf({ params = {}, body, audit }: Ended): string | null {
  if (audit?.object !== undefined) return audit.object;
  const named = Object.values(params).map(String).join('/');
  if (named !== '') return named;
  if (typeof body !== 'object' || body === null) return null;
  const { type, name } = body as { type?: unknown; name?: unknown };
  const found = name ?? type;
  return typeof found === 'string' ? found : null;
}

export function reasonOf({ query = {}, body }: Ended): string | null {
  const given = typeof body === 'object' && body !== null && 'reason' in body ? body.reason : query.reason;
  return typeof given === 'string' && given !== '' ? given.slice(0, 1_024) : null;
}
