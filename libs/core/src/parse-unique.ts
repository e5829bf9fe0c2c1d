import { checkOptions } from './check-options.js';
import { parseDuration, type Duration } from './duration.js';
import { InvalidArgumentError } from './errors.js';
import { parseKey } from './parse-key.js';
import type { Shape } from './shapes.js';

/**
 * The modes: how tasks of one queue that have the same key replace each other.
 * first: while one is unfinished, submits yield that one · last: one runs at most and one waits at most, the newest ·
 * cancel: as `last`, and the one that runs is ended · throttle: one is handed out in a window of `every` at most ·
 * debounce: the newest runs when there was no submit for `quiet`.
 */
export const UNIQUE_MODES = ['first', 'last', 'cancel', 'throttle', 'debounce'] as const;
export type UniqueMode = (typeof UNIQUE_MODES)[number];

/** As somebody gives it. Only `key` must be there; `throttle` needs `every`, `debounce` needs `quiet`. */
export interface UniqueOptions {
  /** Any text of 1 to 512 characters, as JavaScript counts them. Keys are per queue. */
  key: string;
  /** Default `first`. */
  mode?: UniqueMode | undefined;
  /** Of `first`: the key is held for so long after the end of its task, 7 days at most. Default: not. */
  for?: Duration | undefined;
  /** Of `throttle`: the length of a window, 7 days at most. */
  every?: Duration | undefined;
  /** Of `throttle`: whether the newest submit of a window runs when that is over. Default true. */
  trailing?: boolean | undefined;
  /** Of `debounce`: so long without a submit, 7 days at most. */
  quiet?: Duration | undefined;
  /** Of `debounce`: no longer than this after the first submit, at least `quiet`, 7 days at most. Default: no bound. */
  max?: Duration | undefined;
}

/** As records hold it. Times are milliseconds; `null`: it was not given. */
export interface UniquePolicy {
  readonly key: string;
  readonly mode: UniqueMode;
  readonly forMs: number | null;
  readonly everyMs: number | null;
  readonly trailing: boolean;
  readonly quietMs: number | null;
  readonly maxMs: number | null;
}

const TIME: Shape = { kind: 'nullable', of: { kind: 'number', above: 0 } };
const SHAPES: Readonly<Record<keyof UniquePolicy, Shape>> = {
  key: { kind: 'text' },
  mode: { kind: 'choice', of: UNIQUE_MODES },
  forMs: TIME,
  everyMs: TIME,
  trailing: { kind: 'flag' },
  quietMs: TIME,
  maxMs: TIME,
};
const FIELD_NAMES = Object.keys(SHAPES) as readonly (keyof UniquePolicy)[];
export const UNIQUE_SHAPE: Shape = { kind: 'fields', fields: SHAPES };

export function sameUnique(a: UniquePolicy | null, b: UniquePolicy | null): boolean {
  if (a === null || b === null) return a === b;
  return FIELD_NAMES.every((name) => a[name] === b[name]);
}

/** Keys of the modes that the leader decides have no znode. */
export const isLeaderDecided = (unique: UniquePolicy | null): unique is UniquePolicy =>
  unique !== null && unique.mode !== 'first';

/** The fields of each mode beside `key` and `mode`; true: it must be there. */
const FIELDS: Readonly<Record<UniqueMode, Readonly<Partial<Record<keyof UniqueOptions, boolean>>>>> = {
  first: { for: false },
  last: {},
  cancel: {},
  throttle: { every: true, trailing: false },
  debounce: { quiet: true, max: false },
};
const NAMES: readonly (keyof UniqueOptions)[] = ['key', 'mode', 'for', 'every', 'trailing', 'quiet', 'max'];
const LONGEST_MS = 7 * 86_400_000;

type Given = Partial<Record<keyof UniqueOptions, unknown>>;

/** Text is a key of mode `first`. `argument` names it in errors. Throws `InvalidArgumentError`. */
export function parseUnique(argument: string, given: unknown): UniquePolicy | null {
  if (typeof given === 'string') return { ...NOTHING, key: parseKey(argument, given), mode: 'first' };
  checkOptions(given, NAMES, argument);
  const fields: Given = given;
  const mode = toMode(`${argument}.mode`, fields.mode ?? 'first');
  checkFields(argument, mode, fields);
  const time = (name: 'for' | 'every' | 'quiet' | 'max'): number | null =>
    isGiven(fields[name]) ? parseTime(`${argument}.${name}`, fields[name]) : null;
  const policy: UniquePolicy = {
    ...{ key: parseKey(`${argument}.key`, fields.key), mode, trailing: toTrailing(argument, fields.trailing) },
    ...{ forMs: time('for'), everyMs: time('every'), quietMs: time('quiet'), maxMs: time('max') },
  };
  if (policy.maxMs !== null && policy.maxMs < (policy.quietMs ?? 0))
    throw new InvalidArgumentError(`${argument}.max`, fields.max, `at least quiet, which is ${policy.quietMs} ms`);
  return policy;
}

const NOTHING = { forMs: null, everyMs: null, trailing: true, quietMs: null, maxMs: null };
const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

function checkFields(argument: string, mode: UniqueMode, given: Given): void {
  for (const name of NAMES.slice(2)) {
    const isRequired = FIELDS[mode][name];
    if (isRequired === undefined && isGiven(given[name]))
      throw new InvalidArgumentError(`${argument}.${name}`, given[name], `no ${name} with mode '${mode}'`);
    if (isRequired === true && !isGiven(given[name]))
      throw new InvalidArgumentError(`${argument}.${name}`, given[name], `a time such as 5s: mode '${mode}' needs it`);
  }
}

function toMode(argument: string, given: unknown): UniqueMode {
  const mode = UNIQUE_MODES.find((known) => known === given);
  if (mode !== undefined) return mode;
  throw new InvalidArgumentError(argument, given, UNIQUE_MODES.map((known) => `'${known}'`).join(', '));
}

function toTrailing(argument: string, given: unknown): boolean {
  if (!isGiven(given)) return true;
  if (typeof given === 'boolean') return given;
  throw new InvalidArgumentError(`${argument}.trailing`, given, 'true or false');
}

function parseTime(argument: string, given: unknown): number {
  const ms = parseDuration(argument, given);
  if (ms >= 1 && ms <= LONGEST_MS) return ms;
  throw new InvalidArgumentError(argument, given, 'at least 1 ms and at most 7 days');
}

const FLAG =
  'KEY[,mode=first|last|cancel|throttle|debounce][,for=24h][,every=2s][,trailing=false][,quiet=5s][,max=1m]; ' +
  'a key that has a comma can only be given by a program or in a file of tasks';

/** `doc1,mode=debounce,quiet=5s` of a command line as options. Throws `InvalidArgumentError`. */
export function uniqueFromText(given: string): UniqueOptions | string {
  const [key = '', ...parts] = given.split(',').map((part) => part.trim());
  if (parts.length === 0) return key;
  const fields = parts.map((part): [string, unknown] => {
    const at = part.indexOf('=');
    const [name, value] = [part.slice(0, Math.max(at, 0)), part.slice(at + 1)];
    const isKnown = name !== 'key' && (NAMES as readonly string[]).includes(name);
    if (at < 0 || !isKnown) throw new InvalidArgumentError('unique', given, FLAG);
    return [name, name === 'trailing' && (value === 'true' || value === 'false') ? value === 'true' : value];
  });
  return { key, ...Object.fromEntries(fields) };
}
