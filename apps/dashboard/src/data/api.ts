import type { AnswerOf, ArgumentsOf, BodyOf, Method, PathOf } from '@drover/api';
import { signal } from '@preact/signals';
import { addressOf, type Values } from './address.js';
import { apiAddress } from './base.js';
import { ApiProblem, unreachable } from './problem.js';

/** Counts answers with 401, so that the page asks again who it is. */
export const refusedSignIns = signal(0);

interface Sent {
  body?: unknown;
  signal?: AbortSignal;
  headers?: Readonly<Record<string, string>>;
}

/** Sends a request and resolves with the response, of whatever status. Throws `ApiProblem` if nobody answers. */
export async function request(method: Method, path: string, values: Values, sent: Sent = {}): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json', ...sent.headers };
  if (sent.body !== undefined) headers['content-type'] = 'application/json';
  const init: RequestInit = { method, headers, cache: 'no-store', credentials: 'same-origin' };
  if (sent.body !== undefined) init.body = JSON.stringify(sent.body);
  if (sent.signal !== undefined) init.signal = sent.signal;
  try {
    return await fetch(apiAddress(addressOf(path, values)), init);
  } catch (error) {
    if (sent.signal?.aborted === true) throw error;
    throw unreachable();
  }
}

/** Throws the `ApiProblem` of a response that is no success. */
export async function checked(response: Response): Promise<Response> {
  if (response.ok || response.status === 304) return response;
  if (response.status === 401) refusedSignIns.value++;
  const body: unknown = await response.json().catch(() => ({}));
  throw new ApiProblem(response.status, typeof body === 'object' && body !== null ? { ...body } : {});
}

async function call(method: Method, path: string, values: Values, sent: Sent): Promise<unknown> {
  const response = await checked(await request(method, path, values, sent));
  const text = await response.text();
  return text === '' ? undefined : JSON.parse(text);
}

type Reader<M extends Method> = <Path extends PathOf<M>>(
  path: Path,
  values: ArgumentsOf<M, Path>,
  abort?: AbortSignal,
) => Promise<AnswerOf<M, Path>>;
type Writer<M extends Method> = <Path extends PathOf<M>>(
  path: Path,
  values: ArgumentsOf<M, Path>,
  body: BodyOf<M, Path>,
  headers?: Readonly<Record<string, string>>,
) => Promise<AnswerOf<M, Path>>;

const reader =
  (method: Method) =>
  (path: string, values: Values, abort?: AbortSignal): Promise<unknown> =>
    call(method, path, values, abort === undefined ? {} : { signal: abort });
const writer =
  (method: Method) =>
  (path: string, values: Values, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<unknown> =>
    call(method, path, values, { body, headers });

/**
 * The API, typed by its table of routes: `api.get('/v1/tasks/:id', { id })`. The first object has the parameters of the
 * path and the values of the query. Throws `ApiProblem`.
 */
export const api = {
  get: reader('GET') as Reader<'GET'>,
  delete: reader('DELETE') as Reader<'DELETE'>,
  post: writer('POST') as Writer<'POST'>,
  put: writer('PUT') as Writer<'PUT'>,
  patch: writer('PATCH') as Writer<'PATCH'>,
};
