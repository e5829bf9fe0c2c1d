import type { Route } from '@drover/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Admission } from '../access/access.js';
import type { ApiContext } from '../api-context.js';
import { ApiError } from '../api-error.js';
import type { Answer, Asked, Handler } from '../handlers/handler.js';
import { asLine, asServerSent, linesOf } from './lines.js';
import { unsupported } from './problem.js';
import { hangUp, incomingOf, knownError } from './requests.js';
import { stampOf } from './stamp.js';
import { checked } from './validate.js';

const NDJSON = 'application/x-ndjson';
const FAULT = { status: 500, code: 'internal' } as const;

/** Lets the server answer a route of the table by its handler. */
export function addRoute(server: FastifyInstance, route: Route, handler: Handler, context: ApiContext): void {
  server.route({
    method: route.method,
    url: route.path,
    // A stream that is compressed arrives late.
    ...(hasLines(route) ? { compress: false } : {}),
    // Before the body is read: who may not ask costs nothing more.
    onRequest: async (request, reply) => {
      request.drover = route;
      request.admission = await context.access.admit(incomingOf(request), route);
      reply.headers(request.admission.headers);
    },
    handler: (request, reply) => answer(route, handler, context, request, reply),
  });
}

const hasLines = ({ answers }: Route): boolean =>
  Object.values(answers).some((body) => body !== null && 'lines' in body);

async function answer(
  route: Route,
  handler: Handler,
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { access } = context;
  const incoming = incomingOf(request);
  const { admission } = request;
  if (admission === null) throw new Error(`a request to ${route.name} was not admitted`);
  let asked: Asked | null = null;
  let given: Answer;
  try {
    asked = askedOf(route, request, reply, admission, context);
    given = await handler(asked, context);
  } catch (error) {
    const known = knownError(error);
    const { status, code } = known ?? FAULT;
    access.ended(incoming, route, admission, { status, code, ...(asked ?? {}) });
    throw error;
  }
  if (isAction(route)) context.members.acted();
  access.ended(incoming, route, admission, { status: given.status, code: null, ...asked, ...auditOf(given) });
  return send(route, given, context, request, reply);
}

/** It may have changed what members and queues are: whoever did it sees it in the next answer. */
const isAction = ({ method, permission }: Route): boolean =>
  method !== 'GET' && (permission === 'operate' || permission === 'define' || permission === 'administer');

const auditOf = ({ audit }: Answer): { audit?: NonNullable<Answer['audit']> } => (audit === undefined ? {} : { audit });

function askedOf(
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
  { caller, from }: Admission,
  context: ApiContext,
): Asked {
  const { params, query, headers, id } = request;
  return {
    params: route.params === undefined ? {} : (checked(route.params, params, 'path') as Asked['params']),
    query: checkedQuery(route, query),
    body: bodyOf(route, request),
    caller,
    from,
    requestId: id,
    headers,
    signal: hangUp(reply, context.stopping),
  };
}

function checkedQuery(route: Route, query: unknown): Asked['query'] {
  if (route.query !== undefined) return checked(route.query, query, 'query');
  const [name] = Object.keys(query as object);
  if (name === undefined) return {};
  throw new ApiError('invalid-argument', `unknown parameter '${name}' in the query: this address takes none`, {
    field: name,
    expected: 'no parameters',
  });
}

function bodyOf({ body }: Route, request: FastifyRequest): unknown {
  if (body === undefined) return undefined;
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type === NDJSON) {
    if (body.ndjson === true) return request.body;
    throw unsupported(['application/json']);
  }
  if (type === 'application/json') return checked(body.json, request.body, 'body');
  // Actions whose body says nothing but an optional reason may come without one.
  if (request.body === undefined && body.json.safeParse({}).success) return checked(body.json, {}, 'body');
  throw unsupported(['application/json', ...(body.ndjson === true ? [NDJSON] : [])]);
}

function send(
  route: Route,
  given: Answer,
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { status, json, lines, text, headers = {} } = given;
  // They may have changed while the handler waited.
  reply.code(status).headers(stampOf(context, request.admission?.caller)).headers(headers);
  if (lines !== undefined) return sendLines(lines, request, reply);
  if (text !== undefined) return sendText(route, text, status, headers, reply);
  if (json === undefined) return reply.send();
  const body = JSON.stringify(json);
  reply.type('application/json; charset=utf-8');
  if (!('cache-control' in headers)) reply.header('cache-control', 'no-cache');
  if (route.method !== 'GET' || status !== 200) return reply.send(body);
  const tag = headers.etag ?? `W/"${createHash('sha1').update(body).digest('base64url').slice(0, 22)}"`;
  reply.header('etag', tag);
  return isKnown(request, tag) ? reply.code(304).send() : reply.send(body);
}

export function isKnown({ headers }: Pick<FastifyRequest, 'headers'>, tag: string): boolean {
  const known = headers['if-none-match'];
  if (known === undefined) return false;
  const bare = (each: string): string => each.trim().replace(/^W\//, '');
  return known.split(',').some((each) => each.trim() === '*' || bare(each) === bare(tag));
}

function sendText(
  route: Route,
  text: string,
  status: number,
  headers: Readonly<Record<string, string>>,
  reply: FastifyReply,
): FastifyReply {
  const body = route.answers[status] ?? null;
  const media = body !== null && 'media' in body ? body.media : 'text/plain';
  if (!('content-type' in headers)) reply.type(`${media}; charset=utf-8`);
  if (!('cache-control' in headers)) reply.header('cache-control', 'no-store');
  return reply.send(text);
}

/** As server-sent events if the client asks for them; a stream of events is one unless the client asks for NDJSON. */
function sendLines(
  lines: AsyncIterable<unknown>,
  { headers: { accept = '' }, drover }: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const isEvents = drover?.name === 'streamEvents' && !accept.includes(NDJSON);
  const sse = isEvents || accept.includes('text/event-stream');
  reply.headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
  reply.type(sse ? 'text/event-stream; charset=utf-8' : `${NDJSON}; charset=utf-8`);
  return reply.send(Readable.from(linesOf(lines, sse ? asServerSent : asLine), { objectMode: false }));
}
