import { validateHeaderName, validateHeaderValue } from 'node:http';
import { RejectTaskError, RetryLater } from '@drover/core';
import type { Metrics } from '@drover/observability';
import { inBackground, messageOf, toldElsewhere, type Runtime } from '@drover/runtime';
import type * as Undici from 'undici';
import { fullMessageOf, isErrorLike, read } from '../../execution/thrown.js';
import type { BuiltIn, BuiltInContext } from '../built-in.js';
import { AddressPolicy, type HttpPolicyOptions } from './address-policy.js';
import { bodyFields, readBody, type ReadBody } from './body.js';
import { assertPort, destinationOf, guardedAgent } from './connector.js';
import { HttpBlockedError, HttpStatusError, shown } from './http-errors.js';
import { MESSAGE_CHARS, toOutgoing } from './http-payload.js';
import { isRedirect, MAX_REDIRECTS, redirected, type Outgoing } from './redirect.js';
import { retryAfterMs } from './retry-after.js';

/**
 * One HTTP request: see `httpDocument`. Redirects are followed here, one by one, so that each target is judged by the
 * policy before anything is sent to it.
 */
export class Http implements BuiltIn {
  readonly type = 'http';
  readonly #policy: AddressPolicy;
  readonly #metrics: Metrics;
  #agent: Promise<{ undici: typeof Undici; agent: Undici.Agent }> | undefined;

  /** Throws `InvalidArgumentError` for a policy that is none. */
  constructor(policy: HttpPolicyOptions, metrics: Metrics) {
    this.#policy = new AddressPolicy(policy);
    this.#metrics = metrics;
  }

  async run(payload: unknown, context: BuiltInContext): Promise<unknown> {
    try {
      const first = toOutgoing(payload, context.fire, context.trace);
      const { response, request } = await this.#follow(first, context.signal);
      context.alive();
      return await resultOf(response, request, first, context);
    } catch (error) {
      if (error instanceof HttpBlockedError)
        this.#metrics.count('drover_http_blocked_total', { reason: error.blockedBy });
      throw error;
    }
  }

  close(): void {
    const destroyed = this.#agent?.then(({ agent }) => agent.destroy());
    // An agent that could not be made has failed the tasks that needed it.
    if (destroyed !== undefined) inBackground(destroyed, toldElsewhere);
  }

  async #follow(first: Outgoing, signal: AbortSignal): Promise<{ response: Undici.Response; request: Outgoing }> {
    let request = first;
    for (let hops = 0; ; hops++) {
      const response = await this.#send(request, signal);
      const location = response.headers.get('location');
      if (!isRedirect(response.status, location)) return { response, request };
      await response.body?.cancel();
      if (hops === MAX_REDIRECTS)
        throw new HttpBlockedError('redirect', `${nameOf(first)}: more than ${MAX_REDIRECTS} redirects`);
      request = redirected(request, response.status, location);
    }
  }

  async #send(request: Outgoing, signal: AbortSignal): Promise<Undici.Response> {
    const { url } = request;
    try {
      assertPort(this.#policy, destinationOf(url.hostname, url.port, url.protocol));
      const { undici, agent } = await this.#open();
      const outgoing = toRequest(undici, request, signal);
      return await undici.fetch(outgoing, { dispatcher: agent });
    } catch (error) {
      throw explained(error, request, signal);
    }
  }

  async #open(): Promise<{ undici: typeof Undici; agent: Undici.Agent }> {
    this.#agent ??= import('undici').then((undici) => ({ undici, agent: guardedAgent(undici, this.#policy) }));
    return this.#agent;
  }
}

const nameOf = ({ method, url }: Outgoing): string => `${method} ${shown(url)}`;

/** Throws `RejectTaskError` for what is no request: a method or a header that HTTP has no form for. */
function toRequest(undici: typeof Undici, { url, method, headers, body }: Outgoing, signal: AbortSignal) {
  try {
    // Node's own check: its message names the header, and never shows the value.
    for (const [name, value] of headers) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
    const pairs = headers.map(([name, value]): [string, string] => [name, value]);
    return new undici.Request(url, { method, headers: pairs, body: body ?? null, signal, redirect: 'manual' });
  } catch (cause) {
    throw new RejectTaskError(`http: ${messageOf(cause)}`, { cause });
  }
}

/**
 * `fetch` hides in `cause` why it failed. Errors of the connection have a code; refusals of `fetch` itself have none.
 */
function explained(error: unknown, request: Outgoing, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof RejectTaskError) return error;
  const cause = error instanceof HttpBlockedError ? error : isErrorLike(error) ? read(error, 'cause') : undefined;
  if (cause instanceof HttpBlockedError)
    return new HttpBlockedError(cause.blockedBy, `${nameOf(request)}: ${cause.message}`);
  if (!isErrorLike(cause)) return error;
  const message = `${nameOf(request)}: ${fullMessageOf(cause) || String(read(cause, 'code'))}`;
  const isOnTheWay = typeof read(cause, 'code') === 'string';
  return isOnTheWay ? new Error(message, { cause }) : new RejectTaskError(message, { cause });
}

async function resultOf(
  response: Undici.Response,
  request: Outgoing,
  first: Outgoing & { limit?: string | undefined },
  context: BuiltInContext,
): Promise<unknown> {
  const body = await bodyOf(response, request, context);
  const contentType = response.headers.get('content-type');
  if (!response.ok) throw laterOr(statusError(response, body, context.runtime), first.limit);
  const head = {
    status: response.status,
    headers: headersOf(response),
    ...(request === first ? {} : { url: shown(request.url) }),
  };
  return { ...head, ...bodyFields(body, contentType, head) };
}

async function bodyOf(response: Undici.Response, request: Outgoing, context: BuiltInContext): Promise<ReadBody> {
  try {
    return await readBody(response.body as AsyncIterable<Uint8Array> | null, context);
  } catch (error) {
    if (context.signal.aborted || !(error instanceof Error)) throw error;
    throw new Error(`${nameOf(request)}: ${fullMessageOf(error)}`, { cause: error.cause });
  }
}

function headersOf({ headers }: Undici.Response): Record<string, string | string[]> {
  const cookies = headers.getSetCookie();
  return { ...Object.fromEntries(headers), ...(cookies.length > 1 ? { 'set-cookie': cookies } : {}) };
}

/** A server that says when to come again holds the limit that the task names for it. */
function laterOr(error: HttpStatusError, limit: string | undefined): Error {
  const { status, message, retryAfterMs: after } = error;
  if (limit === undefined || after === undefined || (status !== 429 && status !== 503)) return error;
  return new RetryLater(message, { after, limit });
}

function statusError(response: Undici.Response, body: ReadBody, runtime: Runtime): HttpStatusError {
  const text = body.data
    .toString('utf8', 0, 4 * MESSAGE_CHARS)
    .trim()
    .slice(0, MESSAGE_CHARS);
  const message = `${response.status} ${response.statusText}`.trim() + (text === '' ? '' : `: ${text}`);
  const header = response.headers.get('retry-after');
  return new HttpStatusError(response.status, message, retryAfterMs(header, runtime.now()));
}
