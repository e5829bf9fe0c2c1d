import * as z from 'zod';
import type { BuiltInDocument } from './built-in.js';
import type { LoadedHandler } from '../threads/load-handlers.js';
import { parsePayload } from './payload.js';

/** The built-in types that compute. They run in threads, like the users' own compute handlers. */
const MAX_LIMIT = 1_000_000_000;
const limit = z.number().int().min(0).max(MAX_LIMIT);
/** `{ from, to }`, both included, or `{ n }` for 1 to n. */
const rangeSchema = z.union([
  z.strictObject({ n: limit.describe('The range is 1 to `n`') }).transform(({ n }) => ({ from: 1, to: n })),
  z.strictObject({
    from: limit.default(1).describe('Start of the range'),
    to: limit.describe('End of the range (inclusive)'),
  }),
]);

const EXACT_SQUARE = 2 ** 26;
const HALF_EXACT = 2 ** 52;

/** Sum of i*i for from <= i <= to, exact. Doubles hold it as long as they can: they are many times as fast. */
export function sumOfSquares(from: number, to: number): bigint {
  let sum = 0n;
  let part = 0;
  for (let i = from; i <= to; i++) {
    if (i > EXACT_SQUARE) sum += BigInt(i) * BigInt(i);
    else part += i * i;
    if (part > HALF_EXACT) {
      sum += BigInt(part);
      part = 0;
    }
  }
  return sum + BigInt(part);
}

/** How many primes p there are with from <= p <= to: a sieve over segments, so that memory stays small. */
export function countPrimes(from: number, to: number): number {
  const SEGMENT = 1 << 18;
  const small = primesUpTo(Math.floor(Math.sqrt(to)));
  let found = 0;
  for (let low = Math.max(from, 2); low <= to; low += SEGMENT) {
    const high = Math.min(low + SEGMENT - 1, to);
    const composite = new Uint8Array(high - low + 1);
    for (const prime of small) {
      for (let i = Math.max(prime * prime, Math.ceil(low / prime) * prime); i <= high; i += prime)
        composite[i - low] = 1;
    }
    for (const mark of composite) found += 1 - mark;
  }
  return found;
}

function primesUpTo(limit: number): number[] {
  const composite = new Uint8Array(limit + 1);
  const primes: number[] = [];
  for (let i = 2; i <= limit; i++) {
    if (composite[i] === 1) continue;
    primes.push(i);
    for (let j = i * i; j <= limit; j += i) composite[j] = 1;
  }
  return primes;
}

/** A number where a double holds it exactly, else decimal text. */
const toJson = (value: bigint): number | string =>
  value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString();

const compute = (type: string, run: (from: number, to: number) => unknown): [string, LoadedHandler] => [
  type,
  {
    description: { type, kind: 'compute', timeoutMs: null, heartbeatMs: null, retry: null, concurrency: null },
    schema: null,
    hooks: null,
    run: (payload) => {
      const { from, to } = parsePayload(type, rangeSchema, payload);
      return run(from, to);
    },
  },
];

export const computeHandlers: ReadonlyMap<string, LoadedHandler> = new Map([
  compute('math.sum-of-squares', (from, to) => ({ sum: toJson(sumOfSquares(from, to)) })),
  compute('math.count-primes', (from, to) => ({ primes: countPrimes(from, to) })),
]);

const COMPUTE = {
  payload: rangeSchema,
  limits: ['Runs in a thread of its own (`--compute-threads`), which a timeout terminates.'],
  retries: 'Never fails with a valid payload.',
};

export const computeDocuments: readonly BuiltInDocument[] = [
  {
    ...COMPUTE,
    type: 'math.count-primes',
    summary: 'Counts the primes in a range, with a sieve over segments.',
    result: '`{ primes }`.',
  },
  {
    ...COMPUTE,
    type: 'math.sum-of-squares',
    summary: 'Sums the squares of a range, exactly.',
    result: '`{ sum }`: a number where a double holds it exactly, else decimal text.',
  },
];
