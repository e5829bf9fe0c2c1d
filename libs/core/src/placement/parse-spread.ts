import { checkOptions } from '../check-options.js';
import { InvalidArgumentError } from '../errors.js';
import { isShortText } from '../limit-refs.js';
import { LIMITS } from '../limits.js';
import type { Shape } from '../shapes.js';
import { parseSoftOrHard } from './soft-or-hard.js';

/**
 * Tasks that are spread together: those of the batch, of the queue, or of the queue with the same key.
 */
export type SpreadOver = 'batch' | 'queue' | `key:${string}`;

/** Tasks are spread over the values of a label. */
export interface Spread {
  readonly by: string;
  readonly over: SpreadOver;
  /** soft: as well as there is room · hard: a task waits rather than make it uneven. */
  readonly mode: 'soft' | 'hard';
  /** hard: a value has at most so many more than the one that has least. */
  readonly maxSkew: number;
  /** Shares of values, such as `{ a: 60, b: 40 }`; absent: all alike. */
  readonly targets?: Readonly<Record<string, number>>;
}
export type GivenSpread = { by: string } & { [Name in Exclude<keyof Spread, 'by'>]?: Spread[Name] | undefined };

export const SPREAD_SHAPE: Shape = {
  kind: 'fields',
  fields: {
    by: { kind: 'text' },
    over: { kind: 'text' },
    mode: { kind: 'choice', of: ['soft', 'hard'] },
    maxSkew: { kind: 'whole', min: 1 },
    targets: { kind: 'optional', of: { kind: 'by-name', of: { kind: 'number', above: 0 }, most: 64 } },
  },
};

/** As text: `zone`, `zone,over=queue,mode=hard,maxSkew=2`. Throws `InvalidArgumentError`. */
export function parseSpread(argument: string, given: unknown): Spread {
  const fields: unknown = typeof given === 'string' ? { by: given } : given;
  checkOptions(fields, ['by', 'over', 'mode', 'maxSkew', 'targets'], argument);
  const { by, over, mode, maxSkew = 1, targets }: Partial<Record<keyof Spread, unknown>> = fields;
  if (typeof maxSkew !== 'number' || !Number.isInteger(maxSkew) || maxSkew < 1 || maxSkew > 1_000_000)
    throw new InvalidArgumentError(`${argument}.maxSkew`, maxSkew, 'a whole number from 1');
  return {
    by: toLabel(`${argument}.by`, by),
    over: toOver(`${argument}.over`, over),
    mode: parseSoftOrHard(`${argument}.mode`, mode),
    maxSkew,
    ...(targets === undefined ? {} : { targets: toTargets(`${argument}.targets`, targets) }),
  };
}

/** Tasks that must not be at workers with the same value of a label: one a value at a time. */
export interface Apart {
  readonly by: string;
  readonly over: SpreadOver;
}
export const APART_SHAPE: Shape = { kind: 'fields', fields: { by: { kind: 'text' }, over: { kind: 'text' } } };

/** As text: `host,over=key:customer-42`. Throws `InvalidArgumentError`. */
export function parseApart(argument: string, given: unknown): Apart {
  const fields: unknown = typeof given === 'string' ? { by: given } : given;
  checkOptions(fields, ['by', 'over'], argument);
  const { by, over }: Partial<Record<keyof Apart, unknown>> = fields;
  return { by: toLabel(`${argument}.by`, by), over: toOver(`${argument}.over`, over) };
}

/** `zone,over=queue,maxSkew=2` of a command line. */
export function spreadFromText(text: string): unknown {
  const [by = '', ...rest] = text.split(',').map((part) => part.trim());
  const fields = rest.map((part): [string, unknown] => {
    const at = part.indexOf('=');
    const [name, value] = [part.slice(0, Math.max(at, 0)), part.slice(at + 1)];
    return [name, name === 'maxSkew' ? Number(value) : value];
  });
  return { by, ...Object.fromEntries(fields) };
}

function toLabel(argument: string, given: unknown): string {
  if (typeof given === 'string' && isShortText(given, LIMITS.nameLength)) return given;
  throw new InvalidArgumentError(argument, given, "the name of a label, such as 'zone' or 'host'");
}

function toOver(argument: string, given: unknown): SpreadOver {
  if (given === undefined || given === 'batch' || given === 'queue') return given ?? 'batch';
  const isKey =
    typeof given === 'string' && given.startsWith('key:') && isShortText(given.slice(4), LIMITS.limitKeyBytes);
  if (isKey) return given as SpreadOver;
  throw new InvalidArgumentError(argument, given, "'batch', 'queue', or 'key:' with any text of 128 bytes at most");
}

function toTargets(argument: string, given: unknown): Record<string, number> {
  const entries = typeof given === 'object' && given !== null && !Array.isArray(given) ? Object.entries(given) : [];
  const isRight = entries.every(
    ([, share]: [string, unknown]) => typeof share === 'number' && share > 0 && Number.isFinite(share),
  );
  if (entries.length > 0 && entries.length <= 64 && isRight) return Object.fromEntries(entries);
  throw new InvalidArgumentError(
    argument,
    given,
    'shares above 0 by value of the label, such as { a: 60, b: 40 }, 64 at most',
  );
}
