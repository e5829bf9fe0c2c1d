import { LIMITS } from '@drover/core';
import type { BuiltInContext } from '../built-in.js';

/** Of a response so much is read; the rest is left on the wire. */
export const READ_BYTES = 1024 * 1024;

export interface ReadBody {
  /** From the beginning. */
  readonly data: Buffer;
  /** Whether the body goes on beyond `data`. */
  readonly isCut: boolean;
}

/** The fields of a result that describe a body. */
export interface BodyFields {
  body: string;
  /** The body is no text, and stands as base64. */
  bodyEncoding?: 'base64';
  /** `body` is the beginning only. */
  truncated?: true;
  /** How long the body was, as far as it was read. */
  bodyBytes?: number;
}

/** Thrown where the body broke off; `bytes` had arrived. */
export class BrokenBodyError extends Error {
  override readonly name = 'BrokenBodyError';
}

/** Reads `READ_BYTES` at most. Throws `BrokenBodyError`, or what `signal` was aborted with. */
export async function readBody(
  body: AsyncIterable<Uint8Array> | null,
  { signal, alive }: Pick<BuiltInContext, 'signal' | 'alive'>,
): Promise<ReadBody> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body ?? []) {
      chunks.push(chunk);
      alive();
      bytes += chunk.length;
      if (bytes > READ_BYTES) break;
    }
  } catch (error) {
    signal.throwIfAborted();
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    throw new BrokenBodyError(`the response ended early, after ${bytes} bytes`, { cause });
  }
  return { data: Buffer.concat(chunks).subarray(0, READ_BYTES), isCut: bytes > READ_BYTES };
}

/** As much of the body as a result has room for beside `rest`. */
export function bodyFields({ data, isCut }: ReadBody, contentType: string | null, rest: object): BodyFields {
  const { isText, text } = toText(data, contentType, isCut);
  const encoding = isText ? {} : { bodyEncoding: 'base64' as const };
  const whole = { body: text, ...encoding };
  const cut = { ...encoding, truncated: true as const, bodyBytes: data.length };
  if (!isCut && fits({ ...rest, ...whole })) return whole;
  let body = text;
  for (let size = jsonBytes({ ...rest, ...cut, body }); size > LIMITS.resultBytes;) {
    body = shorten(body, LIMITS.resultBytes / size, isText);
    size = jsonBytes({ ...rest, ...cut, body });
  }
  return { body, ...cut };
}

/** A surrogate pair is not cut in two, nor a group of base64. */
function shorten(body: string, share: number, isText: boolean): string {
  const length = Math.floor(body.length * share * 0.99);
  if (!isText) return body.slice(0, length - (length % 4));
  const last = body.charCodeAt(length - 1);
  return body.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
}

const jsonBytes = (value: object): number => Buffer.byteLength(JSON.stringify(value));
const fits = (value: object): boolean => jsonBytes(value) <= LIMITS.resultBytes;

/** In the character set that the header names, else UTF-8; base64 where the bytes are no such text. */
function toText(data: Buffer, contentType: string | null, isCut: boolean): { isText: boolean; text: string } {
  const charset = /charset\s*=\s*"?([^";\s]+)/i.exec(contentType ?? '')?.[1] ?? 'utf-8';
  try {
    // `stream`: a character that was cut at the end is left out.
    return { isText: true, text: decoderOf(charset).decode(data, { stream: isCut }) };
  } catch {
    return { isText: false, text: data.toString('base64') };
  }
}

function decoderOf(charset: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(charset, { fatal: true });
  } catch {
    return new TextDecoder('utf-8', { fatal: true });
  }
}
