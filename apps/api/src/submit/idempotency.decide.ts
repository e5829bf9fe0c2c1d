import { createHash } from 'node:crypto';
import { timeOfBatch, type BatchId } from '@drover/core';
import { ApiError } from '../api-error.js';

/**
 * Keys of requests that may be repeated (`Idempotency-Key`), and the batches that they lead to. See docs/adr/0030.
 *
 * A key that carries its time (a ULID, or a UUID of version 7) of a day around now leads to a batch id by itself: the time of the
 * key, and a hash of caller and key. So a repeated request names the same batch, and nothing is stored for the key. Any other
 * text is a key too: it is stored beside the batch.
 *
 * Time passes between a request and its repeat, so a key may have been of the other kind: one that is older than a day made a batch
 * of its time when it was younger, and one that is ahead of now may have been too far ahead, and is stored.
 */
export type RequestKey =
  /** `earlier`: the name under which it may be stored. */
  | { readonly kind: 'timed'; readonly id: BatchId; readonly earlier?: { readonly requestKey: string } }
  /** `name`: for `requestKey` of `putBatch`. `earlier`: the batch that it may have led to. */
  | { readonly kind: 'stored'; readonly name: string; readonly earlier?: { readonly id: BatchId } };

const WINDOW_MS = 24 * 3_600_000;
const LONGEST = 128;
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i;
const UUID_V7 = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/** `principal`: two callers never share a key. `now`: milliseconds since 1970. Throws `ApiError`. */
export function requestKeyOf(header: string, principal: string, now: number): RequestKey {
  const key = checkedKey(header);
  const time = timeOf(key);
  if (time === null) return { kind: 'stored', name: hashOf(principal, key) };
  const id = batchIdOf(time, principal, key.toUpperCase());
  const name = hashOf(principal, key.toUpperCase());
  if (Math.abs(time - now) > WINDOW_MS) return { kind: 'stored', name, ...(time < now ? { earlier: { id } } : {}) };
  return { kind: 'timed', id, ...(time > now ? { earlier: { requestKey: name } } : {}) };
}

/**
 * The name under which a request is stored that starts a run or a broadcast: these are few, so each is stored, whatever its key
 * says. `principal`: two callers never share a key. Throws `ApiError`.
 */
export function requestNameOf(header: string, principal: string): string {
  return hashOf('start', principal, checkedKey(header));
}

/** Throws `ApiError`. */
function checkedKey(header: string): string {
  const key = unquoted(header.trim());
  if (/^[\x20-\x7e]+$/.test(key) && key.length <= LONGEST) return key;
  throw new ApiError(
    'invalid-argument',
    `Idempotency-Key: expected 1 to ${LONGEST} printable ASCII characters, such as a ULID or a UUID, got ${JSON.stringify(header.slice(0, 80))}`,
    { field: 'Idempotency-Key' },
  );
}

/** As the header is written as a string of a structured field. */
const unquoted = (text: string): string =>
  text.length >= 2 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;

/** `null`: it carries none. */
function timeOf(key: string): number | null {
  if (ULID.test(key)) return timeOfBatch(key.toUpperCase());
  const uuid = UUID_V7.exec(key);
  return uuid === null ? null : parseInt(`${uuid[1]}${uuid[2]}`, 16);
}

/** The batch of the `n`th part of a request whose first part is the batch `first`. */
export const partId = (first: BatchId, n: number): BatchId =>
  n === 0 ? first : batchIdOf(timeOfBatch(first), first, String(n));

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A ULID of this time, whose 80 other bits are a hash. */
function batchIdOf(time: number, ...texts: readonly string[]): BatchId {
  const hash = BigInt(`0x${hashOf(...texts).slice(0, 20)}`);
  return encode(BigInt(time), 10) + encode(hash, 16);
}

function encode(value: bigint, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest >>= 5n) text = (CROCKFORD[Number(rest & 31n)] ?? '') + text;
  return text;
}

const hashOf = (...texts: readonly string[]): string => createHash('sha256').update(texts.join('\0')).digest('hex');

/** 16 hex digits that are the same for bodies that say the same, in whatever order their fields stand. Throws `ApiError`. */
export function fingerprintOf(body: unknown): string {
  try {
    return hashOf(JSON.stringify(sorted(body))).slice(0, 16);
  } catch {
    throw new ApiError('invalid-argument', 'the body is nested too deeply', { field: 'body' });
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([name, inner]) => [name, sorted(inner)]).concat([['{}', null]]);
}
