import { routeNamed, type Route } from '@drover/api';
import { messageOf, withDeadline } from '@drover/runtime';
import * as z from 'zod';
import type { Caller } from '../access/caller.js';
import type { ApiContext } from '../api-context.js';
import { ApiError } from '../api-error.js';
import { noLeader } from '../leader/ask-leader.js';
import type { Answer, Asked, Handler, Handlers } from '../handlers/handler.js';

/** The address at which the leader answers requests that another replica has admitted. */
export const ANSWER_PATH = '/internal/answer';
const WITHIN_MS = 30_000;

/** Routes whose handlers keep something, at the leader. Handlers of all others ask the leader for what they need. */
const AT_LEADER = new Set(['previewBulk', 'startBulk', 'listOperations', 'getOperation', 'stopOperation']);

const sent = z.strictObject({
  route: z.enum([...AT_LEADER]),
  params: z.record(z.string(), z.string()),
  query: z.record(z.string(), z.unknown()),
  body: z.unknown(),
  caller: z.unknown(),
  from: z.string(),
  requestId: z.string(),
  headers: z.record(z.string(), z.unknown()),
});

/** The handler; for the routes that only the leader answers one that sends the admitted request there. */
export function answeredByLeader(route: Route, handler: Handler): Handler {
  if (!AT_LEADER.has(route.name)) return handler;
  return (asked, context) => {
    const leader = context.leader.current;
    if (leader === null) throw noLeader();
    return leader.id === context.schedulerId ? handler(asked, context) : forward(route, asked, context, leader);
  };
}

/** The answer to a request that another replica has admitted: its caller is taken as told. */
export async function answerForwarded(
  body: unknown,
  handlers: Handlers,
  context: ApiContext,
  signal: AbortSignal,
): Promise<Answer> {
  const { route, caller, ...asked } = sent.parse(body);
  const handler = handlers[route];
  if (handler === undefined) throw new ApiError('not-found', `this replica does not answer ${route}`);
  const { name } = routeNamed(route);
  if (context.leader.current?.id !== context.schedulerId)
    throw new ApiError(
      'leader-unreachable',
      `scheduler ${context.schedulerId} does not lead, so it cannot answer ${name}`,
      { retryAfterMs: 500 },
    );
  return handler({ ...asked, headers: asked.headers as Asked['headers'], caller: caller as Caller, signal }, context);
}

async function forward(
  { name }: Route,
  { signal, ...asked }: Asked,
  { replicas, access, runtime }: ApiContext,
  { id, api }: { id: string; api?: string },
): Promise<Answer> {
  if (api === undefined) throw unreachable(`the leader ${id} offers no API`);
  const body = JSON.stringify({ route: name, ...asked, body: asked.body ?? null });
  try {
    const { status, json } = await withDeadline(runtime, WITHIN_MS, (late) =>
      replicas.json(new URL(api + ANSWER_PATH), {
        method: 'POST',
        headers: access.replicaHeaders('POST', ANSWER_PATH, body),
        body,
        signal: AbortSignal.any([signal, late]),
      }),
    );
    const {
      code,
      detail = '',
      answer,
      ...data
    } = json as { code?: ApiError['code']; detail?: string; answer?: Answer };
    if (status === 200 && answer !== undefined) return answer;
    if (code !== undefined) throw new ApiError(code, detail, dataOf(data));
    throw unreachable(`the leader ${id} at ${api} answered ${status}`);
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw unreachable(`the leader ${id} at ${api} did not answer: ${messageOf(error)}`);
  }
}

const OWN = ['type', 'title', 'status', 'requestId'];
const dataOf = (data: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(data).filter(([name]) => !OWN.includes(name)));

const unreachable = (detail: string): ApiError => new ApiError('leader-unreachable', detail, { retryAfterMs: 1_000 });
