import { parseLimitRef, RejectTaskError, type TaskFire, type TraceContext } from '@drover/core';
import { messageOf } from '@drover/runtime';
import * as z from 'zod';
import type { BuiltInDocument } from '../built-in.js';
import { parsePayload } from '../payload.js';
import { READ_BYTES } from './body.js';
import { MAX_REDIRECTS, type Outgoing } from './redirect.js';

export const MESSAGE_CHARS = 500;

export const httpPayload = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'expected an http: or https: URL' })
    .describe(
      '`http:` or `https:`. Credentials in it (`user:password@`) are sent as `authorization`, and shown nowhere',
    ),
  method: z.string().default('GET').describe('Any method but `CONNECT`, `TRACE` and `TRACK`'),
  headers: z.record(z.string(), z.string()).default({}).describe('Request headers'),
  body: z
    .json()
    .optional()
    .describe(
      'Request body: text as it is, anything else as JSON, with the content type `application/json` unless given',
    ),
  limit: z
    .string()
    .optional()
    .describe(
      'Name of a [limit](limits.md), such as `stripe/acme`: an answer 429 or 503 with `Retry-After` holds it that long, and uses up no attempt',
    ),
});

/** Throws `RejectTaskError`. The headers of `fire` and `trace` are the worker's own, whatever the payload says. */
export function toOutgoing(
  payload: unknown,
  fire?: TaskFire,
  trace?: TraceContext,
): Outgoing & { limit?: string | undefined } {
  const { url: given, method, headers, body, limit } = parsePayload('http', httpPayload, payload);
  if (limit !== undefined) checkLimit(limit);
  const url = new URL(given);
  const own = [...(fire === undefined ? [] : fireHeaders(fire)), ...(trace === undefined ? [] : traceHeaders(trace))];
  const isOwn = (name: string): boolean => own.some(([header]) => header === name.toLowerCase());
  const all: [string, string][] = [...Object.entries(headers).filter(([name]) => !isOwn(name)), ...own];
  const has = (name: string): boolean => all.some(([given]) => given.toLowerCase() === name);
  if (!has('authorization') && (url.username !== '' || url.password !== ''))
    all.push(['authorization', `Basic ${Buffer.from(credentialsOf(url)).toString('base64')}`]);
  url.username = '';
  url.password = '';
  url.hash = '';
  if (body === undefined || typeof body === 'string') return { url, method, headers: all, body, limit };
  if (!has('content-type')) all.push(['content-type', 'application/json']);
  return { url, method, headers: all, body: JSON.stringify(body), limit };
}

function checkLimit(limit: string): void {
  try {
    parseLimitRef('payload.limit', limit);
  } catch (error) {
    throw new RejectTaskError(`http: ${messageOf(error)}`, { cause: error });
  }
}

function fireHeaders({ id, schedule, nominal, due, kind, missed }: TaskFire): [string, string][] {
  return [
    ['drover-fire-id', id],
    ['drover-fire-schedule', schedule],
    ['drover-fire-nominal', nominal],
    ['drover-fire-due', due],
    ['drover-fire-kind', kind],
    ['drover-fire-missed', String(missed)],
  ];
}

function traceHeaders({ traceparent, tracestate }: TraceContext): [string, string][] {
  const parent: [string, string] = ['traceparent', traceparent];
  return tracestate === undefined ? [parent] : [parent, ['tracestate', tracestate]];
}

function credentialsOf({ username, password }: URL): string {
  try {
    return `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  } catch {
    throw new RejectTaskError('http: payload.url: the credentials in it are not percent-encoded correctly');
  }
}

export const httpDocument: BuiltInDocument = {
  type: 'http',
  summary:
    "Sends one HTTP request. The worker's policy decides which addresses it reaches: by default public ones at the ports 80 " +
    'and 443 (`--http-policy`, `--http-allow`). Environment variables of proxies are ignored. The request of a fire of a ' +
    'schedule has the headers `drover-fire-id`, `-schedule`, `-nominal`, `-due`, `-kind` and `-missed`.',
  payload: httpPayload,
  result:
    '`{ status, headers, body }`. `body` is text; if the bytes are not text in the character set of the answer ' +
    "(else UTF-8), it is base64 and `bodyEncoding` is `'base64'`. If the body is too large, `truncated` is true, `body` " +
    'is its beginning and `bodyBytes` the number of bytes read. After redirects `url` is the address of the answer. Several ' +
    '`set-cookie` headers are a list.',
  limits: [
    `Of a body ${READ_BYTES / 1_048_576} MiB is read, and as much kept as fits the limit of results (256 KiB of JSON).`,
    'A connection has 10 seconds; an answer, and each piece of it, five minutes.',
    `${MAX_REDIRECTS} redirects are followed, each judged as the first request; credentials and cookies are not given to another origin, and none leads from https: to http:.`,
    `The message of a failure has the first ${MESSAGE_CHARS} characters of the body.`,
  ],
  retries:
    'Retried: 408, 425, 429 and 5xx, after `Retry-After` where the answer has it (a second at least, a day at most; with `limit` a 429 or 503 then uses up no attempt); a ' +
    'connection that fails or breaks off; a name that does not resolve. Not retried: any other status that is not 2xx; a ' +
    'request that HTTP has no form for; a refused address or port; a redirect that is not followed.',
};
