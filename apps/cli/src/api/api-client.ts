import { text } from 'node:stream/consumers';
import { routeNamed } from '@drover/api';
import { readLines } from '@drover/runtime';
import { VERSION } from '../version.js';
import { ApiRefusedError, ApiUnreachableError } from './errors.js';
import { exchange, unreachable, type HttpAnswer } from './http.js';

export interface ApiAddress {
  /** Without a slash at its end. */
  url: string;
  token: () => Promise<string | null>;
  /** PEM; absent: Node's own authorities. */
  ca?: string | undefined;
}

/** Values that are `undefined` are left out. */
export interface Asked {
  params?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, string | number | undefined>>;
  body?: unknown;
  /** NDJSON, as it comes. */
  lines?: AsyncIterable<string>;
  headers?: Readonly<Record<string, string>>;
  signal?: AbortSignal;
  /** How long it may be silent; default 15 s. */
  silentMs?: number;
}

export interface Answered<T> {
  status: number;
  /** `undefined` where the answer has no body. */
  body: T;
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** A page of a list. */
interface Page<T> {
  items: T[];
  next: string | null;
}

const SILENT_MS = 15_000;
/** Streams tell that they live every 15 s. */
const STREAM_SILENT_MS = 40_000;
const NDJSON = 'application/x-ndjson';

/** Calls the routes of the table (`@drover/api`) by their names. */
export class ApiClient {
  readonly url: string;
  readonly #address: ApiAddress;
  readonly #signal: AbortSignal;
  #token: Promise<string | null> | null = null;

  constructor(address: ApiAddress, signal: AbortSignal) {
    this.url = address.url;
    this.#address = address;
    this.#signal = signal;
  }

  /** Throws `ApiRefusedError` and `ApiUnreachableError`. */
  async call<T>(name: string, asked: Asked = {}): Promise<Answered<T>> {
    const { url, answer } = await this.#send(name, asked, 'application/json');
    const { status, headers } = answer;
    const body = await text(answer.body).catch((error: unknown) => {
      throw this.#signal.aborted ? (this.#signal.reason as Error) : unreachable(url, error as Error);
    });
    if (status >= 300 && status !== 304) throw refused(url, answer, body);
    return { status, headers, body: (body === '' ? undefined : parse(url, answer, body)) as T };
  }

  /** The body alone. */
  async get<T>(name: string, asked: Asked = {}): Promise<T> {
    return (await this.call<T>(name, asked)).body;
  }

  /** The body as text, of a route that answers no JSON. */
  async text(name: string, asked: Asked = {}): Promise<string> {
    const { url, answer } = await this.#send(name, asked, '*/*');
    const body = await text(answer.body);
    if (answer.status >= 300) throw refused(url, answer, body);
    return body;
  }

  /** All items of a list, page by page. */
  async *pages<T>(name: string, asked: Asked = {}): AsyncGenerator<T, void> {
    let query = asked.query ?? {};
    while (true) {
      const { items, next } = await this.get<Page<T>>(name, { ...asked, query });
      yield* items;
      if (next === null) return;
      const { after: _, ...rest } = query;
      query = { ...rest, cursor: next };
    }
  }

  async all<T>(name: string, asked: Asked = {}): Promise<T[]> {
    const items: T[] = [];
    for await (const item of this.pages<T>(name, asked)) items.push(item);
    return items;
  }

  /** The lines of a stream, as they come. */
  async *lines<T>(name: string, asked: Asked = {}): AsyncGenerator<T, void> {
    const { url, answer } = await this.#send(name, { silentMs: STREAM_SILENT_MS, ...asked }, NDJSON);
    if (answer.status >= 300) throw refused(url, answer, await text(answer.body));
    try {
      for await (const some of readLines(answer.body)) {
        for (const line of some) if (line.text !== null) yield parse(url, answer, line.text) as T;
      }
    } catch (error) {
      if (error instanceof ApiUnreachableError || this.#signal.aborted || asked.signal?.aborted === true) throw error;
      throw unreachable(url, error as Error);
    } finally {
      answer.body.destroy();
    }
  }

  async #send(name: string, asked: Asked, accept: string): Promise<{ url: URL; answer: HttpAnswer }> {
    const { method, path } = routeNamed(name);
    const url = new URL(this.url + fill(path, asked.params ?? {}));
    for (const [key, value] of Object.entries(asked.query ?? {}))
      if (value !== undefined) url.searchParams.set(key, String(value));
    this.#token ??= this.#address.token();
    const token = await this.#token;
    const body = asked.lines ?? (asked.body === undefined ? undefined : JSON.stringify(asked.body));
    const answer = await exchange(url, {
      method,
      headers: {
        accept: `${accept}, application/problem+json`,
        'user-agent': `drover/${VERSION}`,
        ...(body === undefined ? {} : { 'content-type': asked.lines === undefined ? 'application/json' : NDJSON }),
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...asked.headers,
      },
      ...(body === undefined ? {} : { body }),
      ca: this.#address.ca,
      signal: asked.signal === undefined ? this.#signal : AbortSignal.any([this.#signal, asked.signal]),
      silentMs: asked.silentMs ?? SILENT_MS,
    });
    return { url, answer };
  }
}

/** `/v1/tasks/:id` with its parameters. */
function fill(path: string, params: Readonly<Record<string, string>>): string {
  return path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
}

function parse(url: URL, { status, headers }: HttpAnswer, body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    throw strange(url, status, headers['content-type']);
  }
}

function refused(url: URL, { status, headers }: HttpAnswer, body: string): Error {
  const type = headers['content-type'] ?? '';
  if (status < 400 || !/^application\/(problem\+)?json\b/.test(type))
    return status === 429 || status === 503
      ? new ApiRefusedError(status, { detail: `${url.origin} answered ${status}` })
      : strange(url, status, type, headers.location);
  try {
    return new ApiRefusedError(status, JSON.parse(body) as Record<string, unknown>);
  } catch {
    return strange(url, status, type);
  }
}

function strange(url: URL, status: number, type = 'no type', location?: string): ApiUnreachableError {
  const where = `${url.origin}${url.pathname}`;
  const said =
    location === undefined ? `answered ${status} with ${type || 'no type'}` : `answered ${status}: go to ${location}`;
  return new ApiUnreachableError(`${where} ${said}, as Drover's API does not; check the URL`);
}
