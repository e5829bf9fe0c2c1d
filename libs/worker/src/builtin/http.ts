import { RejectTaskError } from '@drover/core';
import { messageOf } from '@drover/runtime';
import { z } from 'zod';
import type { BuiltIn, BuiltInContext } from './built-in.js';
import { parsePayload } from './payload.js';
import { Tail } from './tail.js';

/**
 * One HTTP request. Payload: `{ url, method?, headers?, body? }`; a body that is no text is sent as JSON. Result: `{
 * status, headers, body }`, where body is the last 16 KiB as text.
 *
 * Answers other than 2xx fail the task. The request itself is at fault where the server says so (3xx that was not
 * followed, 4xx): another attempt would be refused again, so the task is rejected. What passes by itself is retried:
 * 408, 425, 429 and 5xx, after `Retry-After` where the answer has one; and so is a connection that fails.
 */
const BODY_BYTES = 16 * 1024;
const MESSAGE_CHARS = 500;
const PASSING = [408, 425, 429];

const schema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  method: z.string().default('GET'),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.json().optional(),
});

/** Thrown for an answer that is not 2xx. */
export class HttpStatusError extends Error {
  override readonly name = 'HttpStatusError';
  readonly status: number;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  constructor(status: number, message: string, retryAfterMs: number | undefined) {
    super(message);
    this.status = status;
    this.retryable = status >= 500 || PASSING.includes(status);
    this.retryAfterMs = retryAfterMs;
  }
}

export const http: BuiltIn = {
  type: 'http',
  async run(payload, context) {
    const { url, method, headers, body } = parsePayload('http', schema, payload);
    const request = toRequest(url, method, headers, body, context.signal);
    const response = await send(request);
    const tail = new Tail(BODY_BYTES);
    if (response.body !== null) for await (const chunk of response.body) tail.push(chunk as Uint8Array);
    if (!response.ok) throw statusError(response, tail.text(), context);
    return { status: response.status, headers: Object.fromEntries(response.headers), body: tail.text() };
  },
};

/** Throws `RejectTaskError` for what is no request: a method or a header that HTTP has no room for. */
function toRequest(
  url: string,
  method: string,
  headers: Record<string, string>,
  body: unknown,
  signal: AbortSignal,
): Request {
  try {
    const all = new Headers(headers);
    if (body !== undefined && typeof body !== 'string' && !all.has('content-type'))
      all.set('content-type', 'application/json');
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    return new Request(url, { method, headers: all, signal, ...(text === undefined ? {} : { body: text }) });
  } catch (cause) {
    throw new RejectTaskError(`http: ${messageOf(cause)}`, { cause });
  }
}

/** `fetch` hides in `cause` why it failed. */
async function send(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (!(cause instanceof Error)) throw error;
    throw new Error(`${request.method} ${request.url}: ${cause.message || cause.name}`, { cause });
  }
}

function statusError(response: Response, body: string, { runtime }: BuiltInContext): HttpStatusError {
  const text = body.trim().slice(0, MESSAGE_CHARS);
  const message = `${response.status} ${response.statusText}`.trim() + (text === '' ? '' : `: ${text}`);
  return new HttpStatusError(
    response.status,
    message,
    retryAfterMs(response.headers.get('retry-after'), runtime.now()),
  );
}

/** Seconds, or a date. */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(at - now, 0);
}
