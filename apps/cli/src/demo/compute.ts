import { createHash } from 'node:crypto';

/** The computations of the demo's tasks. Pure. */
export interface TextFacts {
  sha256: string;
  bytes: number;
  lines: number;
  words: number;
}

export function textFacts(content: Buffer): TextFacts {
  const text = content.toString('utf8');
  return {
    sha256: createHash('sha256').update(content).digest('hex'),
    bytes: content.length,
    lines: text.split('\n').length - (text.endsWith('\n') || text === '' ? 1 : 0),
    words: text.match(/\S+/g)?.length ?? 0,
  };
}

/** 1² + 2² + ... + n², one by one: it is meant to take a while. In decimal, for it outgrows a JSON number. */
export function sumOfSquares(n: number): string {
  let sum = 0n;
  for (let i = 1; i <= n; i++) sum += BigInt(i) * BigInt(i);
  return sum.toString();
}

/** The same by the formula, to check it. */
export function sumOfSquaresByFormula(n: number): string {
  const big = BigInt(n);
  return ((big * (big + 1n) * (2n * big + 1n)) / 6n).toString();
}

/** How many primes there are in `[from, to)`, by trial division. */
export function countPrimes(from: number, to: number): number {
  let count = 0;
  for (let candidate = from; candidate < to; candidate++) if (isPrime(candidate)) count++;
  return count;
}

function isPrime(candidate: number): boolean {
  if (candidate < 4) return candidate >= 2;
  if (candidate % 2 === 0) return false;
  for (let divisor = 3; divisor * divisor <= candidate; divisor += 2) if (candidate % divisor === 0) return false;
  return true;
}

/** The same by a sieve, to check it. */
export function countPrimesBySieve(from: number, to: number): number {
  const composite = new Uint8Array(to);
  for (let base = 2; base * base < to; base++) {
    if (composite[base] === 1) continue;
    for (let multiple = base * base; multiple < to; multiple += base) composite[multiple] = 1;
  }
  let count = 0;
  for (let candidate = Math.max(from, 2); candidate < to; candidate++) if (composite[candidate] === 0) count++;
  return count;
}
