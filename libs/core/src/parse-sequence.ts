import { checkOptions } from './check-options.js';
import { InvalidArgumentError } from './errors.js';
import { isShortText } from './limit-refs.js';
import { LIMITS } from './limits.js';
import type { Shape } from './shapes.js';

/**
 * The effect of a failed task on the rest of its sequence. continue: the next one goes on · block: the others wait until it
 * is retried, and succeeds, or is cancelled.
 */
export const SEQUENCE_FAILURES = ['continue', 'block'] as const;
export type SequenceFailure = (typeof SEQUENCE_FAILURES)[number];

/** Tasks of a queue with the same key run one at a time, in the order of their submits. As somebody gives it. */
export interface SequenceOptions {
  /** Any text of 1 to 128 bytes. */
  key: string;
  /** Default `continue`. */
  onFailure?: SequenceFailure | undefined;
}

/** As records hold it. */
export interface Sequence {
  readonly key: string;
  readonly onFailure: SequenceFailure;
}

export const SEQUENCE_SHAPE: Shape = {
  kind: 'fields',
  fields: { key: { kind: 'text' }, onFailure: { kind: 'choice', of: SEQUENCE_FAILURES } },
};

export function sameSequence(a: Sequence | null, b: Sequence | null): boolean {
  if (a === null || b === null) return a === b;
  return a.key === b.key && a.onFailure === b.onFailure;
}

/** Text is a key. `argument` names it in errors. Throws `InvalidArgumentError`. */
export function parseSequence(argument: string, given: unknown): Sequence {
  if (typeof given === 'string') return { key: toKey(argument, given), onFailure: 'continue' };
  checkOptions(given, ['key', 'onFailure'], argument);
  const { key, onFailure }: Partial<Record<keyof SequenceOptions, unknown>> = given;
  return { key: toKey(`${argument}.key`, key), onFailure: toFailure(`${argument}.onFailure`, onFailure ?? 'continue') };
}

function toKey(argument: string, given: unknown): string {
  if (typeof given === 'string' && isShortText(given, LIMITS.sequenceBytes)) return given;
  throw new InvalidArgumentError(argument, given, `text of 1 to ${LIMITS.sequenceBytes} bytes`);
}

function toFailure(argument: string, given: unknown): SequenceFailure {
  const failure = SEQUENCE_FAILURES.find((known) => known === given);
  if (failure !== undefined) return failure;
  throw new InvalidArgumentError(argument, given, SEQUENCE_FAILURES.map((known) => `'${known}'`).join(', '));
}

const FLAG =
  'KEY[,onFailure=continue|block]; a key that has a comma can only be given by a program or in a file of tasks';

/** `order-42,onFailure=block` of a command line. Throws `InvalidArgumentError`. */
export function sequenceFromText(given: string): unknown {
  const [key = '', ...rest] = given.split(',').map((part) => part.trim());
  if (rest.length === 0) return key;
  const onFailure = /^onFailure=(.*)$/.exec(rest[0] ?? '')?.[1];
  if (rest.length > 1 || onFailure === undefined) throw new InvalidArgumentError('sequence', given, FLAG);
  return { key, onFailure };
}
