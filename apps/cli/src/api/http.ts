import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type * as https from 'node:https';
import { pipeline, Readable } from 'node:stream';
import { toldElsewhere } from '@drover/runtime';
import { ApiUnreachableError } from './errors.js';

export interface Exchange {
  method: string;
  headers: Readonly<Record<string, string>>;
  /** Text, or pieces of it as they come. */
  body?: string | AsyncIterable<string>;
  /** PEM. */
  ca?: string | undefined;
  signal: AbortSignal;
  /** The connection may be silent for so long. */
  silentMs: number;
}

export interface HttpAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: IncomingMessage;
}

/**
 * One request by HTTP or HTTPS. Node's `fetch` takes no certificate authorities, and loads more than this needs. Rejects
 * with `ApiUnreachableError`, or with the signal's reason. The answer may come before the end of the body is sent.
 */
export async function exchange(url: URL, given: Exchange): Promise<HttpAnswer> {
  const { method, headers, body, ca, signal, silentMs } = given;
  signal.throwIfAborted();
  const both = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  const { request } = both as typeof https;
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      reject(signal.aborted ? (signal.reason as Error) : unreachable(url, error));
    };
    const sent = request(url, { method, headers, signal, timeout: silentMs, ...(ca === undefined ? {} : { ca }) });
    sent.on('error', fail);
    sent.on('timeout', () => sent.destroy(new Error(`no answer for ${Math.round(silentMs / 1_000)} s`)));
    sent.on('response', (answer) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: answer }));
    // Its failure is that of the request.
    if (body !== undefined && typeof body !== 'string') pipeline(Readable.from(body), sent, toldElsewhere);
    else sent.end(body);
  });
}

const HINTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there; is a scheduler running, and was it started with --api-listen?',
  ENOTFOUND: 'the host name is not known',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not trusted; give --tls-ca-file',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not trusted; give --tls-ca-file',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not trusted; give --tls-ca-file',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not trusted; give --tls-ca-file',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  EPROTO: 'it does not speak TLS; perhaps the URL begins with http://',
};

export function unreachable(url: URL, error: Error & { code?: unknown }): ApiUnreachableError {
  const code = typeof error.code === 'string' ? error.code : '';
  // Of a name with several addresses Node tells the failures of all of them, and no message.
  const why = HINTS[code] ?? (error.message || code || error.name);
  return new ApiUnreachableError(`cannot reach the API at ${url.origin}: ${why}`, { cause: error });
}
