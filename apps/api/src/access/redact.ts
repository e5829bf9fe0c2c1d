import { isSecretName, withoutCredentials } from '@drover/observability';

const REDACTED = '[redacted]';
/** Nobody nests deeper on purpose, and a reader of text must not run out of stack. */
const DEEPEST = 200;

/** Names of fields that are not shown: those of `--api-redact`, in lower case, with `*` for any text. */
export class Redaction {
  readonly #patterns: readonly RegExp[];

  constructor(names: readonly string[]) {
    this.#patterns = names.map(toPattern);
  }

  /** For those who look: without what is named as a secret, and without passwords in addresses. */
  shown(value: unknown): unknown {
    return redacted(value, (name) => isSecretName(name) || this.#isNamed(name), withoutCredentials, 0);
  }

  /** For the program that waits for its result: only what the operator names is taken out. */
  returned(value: unknown): unknown {
    return this.#patterns.length === 0
      ? value
      : redacted(
          value,
          (name) => this.#isNamed(name),
          (text) => text,
          0,
        );
  }

  #isNamed(name: string): boolean {
    return this.#patterns.some((pattern) => pattern.test(name));
  }
}

function redacted(
  value: unknown,
  hides: (name: string) => boolean,
  clean: (text: string) => string,
  depth: number,
): unknown {
  if (typeof value === 'string') return clean(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > DEEPEST) return REDACTED;
  if (Array.isArray(value)) return value.map((item) => redacted(item, hides, clean, depth + 1));
  const entries = Object.entries(value).map(([name, field]): [string, unknown] => [
    name,
    field !== null && hides(name) ? REDACTED : redacted(field, hides, clean, depth + 1),
  ]);
  return Object.fromEntries(entries);
}

/** Stretches of `*` count once, so that no name takes long to compare. */
function toPattern(name: string): RegExp {
  const parts = name.split(/\*+/).map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'is');
}

/** Whether the API shows nothing of the znode, to nobody: hashes of tokens, and keys. */
export const isHiddenZnode = (path: string): boolean => path === '/access' || path.startsWith('/access/');

/** Fields of a task and of its attempts that hold what users gave, or what handlers said. */
const CARRIED: ReadonlySet<string> = new Set(['payload', 'result', 'log', 'output']);
/** Fields that hold attempts. */
const ATTEMPTS: ReadonlySet<string> = new Set(['history', 'attempts']);

/** A task without payload, result and log, its own and those of its attempts. */
export const withoutPayloads = <Shown extends object>(view: Shown): Shown => carriedAs(view, () => undefined);

/** A task whose payload, result and logs are as `shown` makes them; `undefined` leaves one out. */
export function carriedAs<Shown extends object>(view: Shown, shown: (value: unknown) => unknown): Shown {
  const entries = Object.entries(view).map(([name, value]: [string, unknown]): [string, unknown] => {
    if (CARRIED.has(name)) return [name, shown(value)];
    return [name, ATTEMPTS.has(name) && Array.isArray(value) ? value.map((item) => attemptAs(item, shown)) : value];
  });
  return Object.fromEntries(entries.filter(([name, value]) => value !== undefined || !CARRIED.has(name))) as Shown;
}

const attemptAs = (attempt: unknown, shown: (value: unknown) => unknown): unknown =>
  typeof attempt === 'object' && attempt !== null ? carriedAs(attempt, shown) : attempt;
