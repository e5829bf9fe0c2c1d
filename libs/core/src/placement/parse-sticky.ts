import { checkOptions } from '../check-options.js';
import { parseDuration, type Duration } from '../duration.js';
import { InvalidArgumentError } from '../errors.js';
import { isShortText } from '../limit-refs.js';
import { LIMITS } from '../limits.js';
import type { Shape } from '../shapes.js';
import { parseSoftOrHard, type SoftOrHard } from './soft-or-hard.js';

/** Tasks with the same key go to the same worker while that is there. */
export interface Sticky {
  readonly key: string;
  /** soft: after `waitMs` without room there it goes to another · hard: it waits for room there; another takes over when that worker is gone. */
  readonly mode: SoftOrHard;
  readonly waitMs: number;
}
export interface StickyOptions {
  /** Any text of 1 to 128 bytes. */
  key: string;
  /** Default `soft`. */
  mode?: SoftOrHard | undefined;
  /** Default 1 s. */
  wait?: Duration | undefined;
}
export const STICKY_SHAPE: Shape = {
  kind: 'fields',
  fields: { key: { kind: 'text' }, mode: { kind: 'choice', of: ['soft', 'hard'] }, waitMs: { kind: 'number', min: 0 } },
};

/** Text is a key. Throws `InvalidArgumentError`. */
export function parseSticky(argument: string, given: unknown): Sticky {
  const fields: unknown = typeof given === 'string' ? { key: given } : given;
  checkOptions(fields, ['key', 'mode', 'wait'], argument);
  const { key, mode, wait = '1s' }: Partial<Record<keyof StickyOptions, unknown>> = fields;
  if (typeof key !== 'string' || !isShortText(key, LIMITS.sequenceBytes))
    throw new InvalidArgumentError(`${argument}.key`, key, `text of 1 to ${LIMITS.sequenceBytes} bytes`);
  return { key, mode: parseSoftOrHard(`${argument}.mode`, mode), waitMs: parseDuration(`${argument}.wait`, wait) };
}
