import { InvalidArgumentError } from './errors.js';
import type { LimitSpec } from './limit-spec.js';
import { LIMITS, NAME_PATTERN } from './limits.js';
import { isWellFormed } from './names.js';
import type { Shape } from './shapes.js';

/** How a task, or somebody who holds one, names a limit: `gpu`, or `stripe/acme` with a key after the first slash. */
export interface LimitRef {
  readonly name: string;
  /** Any text of 128 bytes at most; `null`: none was given. */
  readonly key: string | null;
}

export const LIMIT_REFS_SHAPE: Shape = { kind: 'list', of: { kind: 'text' }, most: LIMITS.limitsOfTask };

const EXPECTED =
  "the name of a limit such as 'gpu', or with a key behind a slash such as 'stripe/acme'; the name is letters, digits, " +
  `".", "_" and "-", the key any text of ${LIMITS.limitKeyBytes} bytes at most`;

/** Throws `InvalidArgumentError`. */
export function parseLimitRef(argument: string, given: unknown): LimitRef {
  const ref = typeof given === 'string' ? splitLimitRef(given) : null;
  if (ref !== null && NAME_PATTERN.test(ref.name) && (ref.key === null || isShortText(ref.key, LIMITS.limitKeyBytes)))
    return ref;
  throw new InvalidArgumentError(argument, given, EXPECTED);
}

/** Of a text that was checked before. */
export function splitLimitRef(ref: string): LimitRef {
  const slash = ref.indexOf('/');
  return slash < 0 ? { name: ref, key: null } : { name: ref.slice(0, slash), key: ref.slice(slash + 1) };
}

/**
 * The option `limits` of a task: one, or a list of up to eight, sorted, each once; `null` for none. Throws
 * `InvalidArgumentError`.
 */
export function parseLimitRefs(argument: string, given: unknown): readonly string[] | null {
  const list: unknown = typeof given === 'string' ? [given] : given;
  if (!Array.isArray(list)) throw new InvalidArgumentError(argument, given, `${EXPECTED}; or a list of them`);
  // A hole in the list is no limit either.
  const refs = [...new Set(Array.from(list, (each: unknown) => checkedRef(argument, each)))].sort();
  if (refs.length > LIMITS.limitsOfTask)
    throw new InvalidArgumentError(
      argument,
      `${refs.length} limits`,
      `${LIMITS.limitsOfTask} limits of a task at most`,
    );
  return refs.length === 0 ? null : refs;
}

function checkedRef(argument: string, given: unknown): string {
  parseLimitRef(argument, given);
  return given as string;
}

export function sameLimitRefs(a: readonly string[] | null, b: readonly string[] | null): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && a.every((ref, at) => ref === b[at]);
}

/** `gpu,stripe/acme` of a command line. */
export const limitRefsFromText = (text: string): string[] => text.split(',').map((part) => part.trim());

/**
 * Whether a reference fits the limit that it names: a key exactly where the limit is per key. Throws
 * `InvalidArgumentError`.
 */
export function checkLimitRef(argument: string, ref: string, { per }: LimitSpec): void {
  const { name, key } = splitLimitRef(ref);
  if (per === 'key' && key === null)
    throw new InvalidArgumentError(argument, ref, `a key, such as '${name}/acme': the limit '${name}' counts per key`);
  if (per !== 'key' && key !== null)
    throw new InvalidArgumentError(
      argument,
      ref,
      `'${name}' without a key: that limit counts ${per === 'tenant' ? 'per tenant' : 'all its tasks together'}`,
    );
}

/** Well-formed text of 1 to `bytes` bytes as UTF-8. */
export const isShortText = (text: string, bytes: number): boolean =>
  text.length > 0 && isWellFormed(text) && utf8Length(text) <= bytes;

function utf8Length(text: string): number {
  let bytes = 0;
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
