import type { RequestObserver } from '@drover/telemetry';
import type { Route } from '@drover/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Socket } from 'node:net';
import type { Admission, Incoming } from '../access/access.js';
import type { ApiContext } from '../api-context.js';
import { ApiError } from '../api-error.js';
import { apiErrorOf } from '../errors-of-client.js';
import { PROBLEM_TYPE, problemHeaders, problemOf, refusalOf } from './problem.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The route of the table that answers; null: a file, or nothing. */
    drover: Route | null;
    begunAt: number;
    /** Null: it was not admitted, or needs not be. */
    admission: Admission | null;
    /** Null: the request has no span. */
    observer: RequestObserver | null;
  }
}

export function incomingOf(request: FastifyRequest): Incoming {
  const { method, headers, socket, id } = request;
  return { method, url: request.url, headers, socket, requestId: id };
}

/** Sends the error, as problem+json. Faults of this program are logged, and not told. */
export function refuse(
  context: ApiContext,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const known = knownError(error);
  if (known === null && !isHangUp(error))
    context.log.event('api.failed', { requestId: request.id, route: request.drover?.name ?? null, error });
  const problem = known ?? new ApiError('internal', 'the server has a fault; its log names this request by its id');
  return reply
    .code(problem.status)
    .headers(problemHeaders(problem))
    .type(PROBLEM_TYPE)
    .send(JSON.stringify(problemOf(problem, request.id)));
}

/** The error in the API's words; null: it is a fault of this program. */
export const knownError = (error: unknown): ApiError | null =>
  error instanceof ApiError ? error : (apiErrorOf(error) ?? refusalOf(error));

/** Answers what is no HTTP. */
export function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = new ApiError('invalid-argument', 'this is no HTTP request that can be understood', {});
  const body = JSON.stringify(problemOf(problem, ''));
  socket.end(
    `HTTP/1.1 400 Bad Request\r\ncontent-type: ${PROBLEM_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

/** Nobody is there any more to be answered. Streams have a code for it, when their connection closes before their first byte. */
const isHangUp = (error: unknown): boolean =>
  error instanceof HungUpError || (error as NodeJS.ErrnoException | null)?.code === 'ERR_STREAM_PREMATURE_CLOSE';

/** The reason of the signal below. */
class HungUpError extends Error {
  override readonly name = 'HungUpError';
}

/**
 * Aborted when the connection is gone, also one that went before this call, and when the server stops. It leaves nothing at
 * `stopping`, which lives as long as the server: `AbortSignal.any` would leave an entry there for each request.
 */
export function hangUp({ raw }: Pick<FastifyReply, 'raw'>, stopping: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => controller.abort(stopping.reason);
  const gone = (): void => {
    stopping.removeEventListener('abort', stop);
    controller.abort(new HungUpError('the client has hung up'));
  };
  if (stopping.aborted) stop();
  else if (raw.destroyed || raw.closed) gone();
  else {
    stopping.addEventListener('abort', stop, { once: true });
    raw.once('close', gone);
  }
  return controller.signal;
}
