import { checkOptions } from './check-options.js';
import { formatDuration, parseDuration, type Duration } from './duration.js';
import { InvalidArgumentError } from './errors.js';
import { parseName, parseType } from './names.js';
import { MOST_IN_RATE, parseRate, type Rate } from './rate.js';

/**
 * How a limit counts. all: every task of the limit together · tenant: the tasks of each tenant ·
 * key: the tasks that name the limit with the same text after the slash, such as `stripe/acme`.
 */
export const LIMIT_SCOPES = ['all', 'tenant', 'key'] as const;
export type LimitScope = (typeof LIMIT_SCOPES)[number];

/** Starts of attempts: on average `limit` in `periodMs`, and `burst` of them at once. */
export interface RateSpec {
  readonly limit: number;
  readonly periodMs: number;
  readonly burst: number;
}

/** The tasks of a limit, beside those that name it: all that fit. No field: every task. */
export interface LimitOn {
  readonly queue?: string;
  readonly type?: string;
}

/** A limit as records hold it. */
export interface LimitSpec {
  /** Tasks of a key that are out at a time, at most; `null`: no bound. */
  readonly concurrency: number | null;
  readonly rate: RateSpec | null;
  /** `null`: only tasks that name the limit are under it. */
  readonly on: LimitOn | null;
  readonly per: LimitScope;
}

/** A limit as somebody gives it: a concurrency, a rate, or both. */
export interface LimitOptions {
  /** Tasks of a key that are out at a time, at most: a whole number from 1. */
  concurrency?: number | null | undefined;
  /**
   * Starts of attempts, retries too: `'100/1s'`, or `limit` in `period` (at least 1 ms) and so many at once as `burst`
   * says. `burst` is by default a tenth of `limit`, and 1 at least.
   */
  rate?: RateOptions | `${number}/${string}` | null | undefined;
  /** The tasks of a queue, of a type, or `{}`: all tasks. Default: those that name the limit. */
  on?: LimitOn | null | undefined;
  /** Default `all`. */
  per?: LimitScope | undefined;
}

export interface RateOptions {
  limit: number;
  period: Duration;
  burst?: number | undefined;
}

const NAMES = ['concurrency', 'rate', 'on', 'per'] as const satisfies (keyof LimitOptions)[];
const RATE_NAMES = ['limit', 'period', 'burst'] as const satisfies (keyof RateOptions)[];
const ON_NAMES = ['queue', 'type'] as const satisfies (keyof LimitOn)[];
const MOST_AT_A_TIME = 1_000_000;

/** `argument` names the definition in errors; empty: its fields name themselves. Throws `InvalidArgumentError`. */
export function parseLimit(argument: string, given: unknown): LimitSpec {
  const at = (field: string): string => (argument === '' ? field : `${argument}.${field}`);
  checkOptions(given, NAMES, argument);
  const fields: Partial<Record<keyof LimitOptions, unknown>> = given;
  const spec: LimitSpec = {
    concurrency: isGiven(fields.concurrency) ? toConcurrency(at('concurrency'), fields.concurrency) : null,
    rate: isGiven(fields.rate) ? toRate(at('rate'), fields.rate) : null,
    on: isGiven(fields.on) ? toOn(at('on'), fields.on) : null,
    per: toScope(at('per'), fields.per ?? 'all'),
  };
  if (spec.concurrency === null && spec.rate === null)
    throw new InvalidArgumentError(
      at('concurrency'),
      'a limit needs a concurrency, a rate, or both, such as concurrency 10 or rate 100/1s',
    );
  if (spec.per === 'key' && spec.on !== null)
    throw new InvalidArgumentError(
      at('per'),
      "per 'key' goes by the text after the slash with which tasks name the limit, so it cannot have 'on'; " +
        "leave 'on' out, or use per 'tenant'",
    );
  return spec;
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

function toConcurrency(argument: string, given: unknown): number {
  if (isWholeUpTo(given, MOST_AT_A_TIME)) return given;
  throw new InvalidArgumentError(
    argument,
    given,
    'a whole number from 1 to 1,000,000; to stop tasks for a while, hold the limit or pause the queue',
  );
}

function toRate(argument: string, given: unknown): RateSpec {
  if (typeof given === 'string') return withBurst(argument, parseRate(argument, given), undefined);
  checkOptions(given, RATE_NAMES, argument);
  const { limit, period, burst }: Partial<Record<keyof RateOptions, unknown>> = given;
  if (!isWholeUpTo(limit, MOST_IN_RATE))
    throw new InvalidArgumentError(`${argument}.limit`, limit, 'a whole number from 1 to 1,000,000');
  const perMs = parseDuration(`${argument}.period`, period);
  if (perMs < 1) throw new InvalidArgumentError(`${argument}.period`, period, 'at least 1 ms, such as 1s or 1m');
  return withBurst(argument, { count: limit, perMs }, burst);
}

function withBurst(argument: string, { count, perMs }: Rate, given: unknown): RateSpec {
  const burst = given ?? Math.max(1, Math.floor(count / 10));
  if (isWholeUpTo(burst, count)) return { limit: count, periodMs: perMs, burst };
  throw new InvalidArgumentError(
    `${argument}.burst`,
    given,
    `a whole number from 1 to ${count}, which is how many may start in a period`,
  );
}

function toOn(argument: string, given: unknown): LimitOn {
  checkOptions(given, ON_NAMES, argument);
  const { queue, type }: Partial<Record<keyof LimitOn, unknown>> = given;
  return {
    ...(isGiven(queue) ? { queue: parseName(`${argument}.queue`, queue) } : {}),
    ...(isGiven(type) ? { type: typeOf(`${argument}.type`, type) } : {}),
  };
}

function typeOf(argument: string, given: unknown): string {
  try {
    return parseType(given);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new InvalidArgumentError(argument, error.message.replace(/^type/, argument));
  }
}

function toScope(argument: string, given: unknown): LimitScope {
  const scope = LIMIT_SCOPES.find((known) => known === given);
  if (scope !== undefined) return scope;
  throw new InvalidArgumentError(argument, given, LIMIT_SCOPES.map((known) => `'${known}'`).join(', '));
}

const isWholeUpTo = (value: unknown, most: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most;

/** `100/1s`; `7/1.5s`: `parseLimit` reads it. */
export function formatRate({ limit, periodMs }: RateSpec): string {
  return `${limit}/${formatDuration(periodMs)}`;
}

/** `3 at a time per key`, `100/1s (20 at once) of every task of queue media`: a line for people. */
export function formatLimit({ concurrency, rate, on, per }: LimitSpec): string {
  const bounds = [
    ...(concurrency === null ? [] : [`${concurrency} at a time`]),
    ...(rate === null ? [] : [`${formatRate(rate)} (${rate.burst} at once)`]),
  ].join(' and ');
  return [bounds, per === 'all' ? '' : `per ${per}`, onText(on)].filter((part) => part !== '').join(' ');
}

function onText(on: LimitOn | null): string {
  if (on === null) return '';
  const { queue, type } = on;
  const parts = [
    ...(queue === undefined ? [] : [`of queue ${queue}`]),
    ...(type === undefined ? [] : [`of type ${type}`]),
  ];
  return ['for every task', ...parts].join(' ');
}

/** Whether two definitions say the same. */
export function sameLimit(a: LimitSpec, b: LimitSpec): boolean {
  return (
    a.concurrency === b.concurrency &&
    a.per === b.per &&
    (a.on === null) === (b.on === null) &&
    a.on?.queue === b.on?.queue &&
    a.on?.type === b.on?.type &&
    a.rate?.limit === b.rate?.limit &&
    a.rate?.periodMs === b.rate?.periodMs &&
    a.rate?.burst === b.rate?.burst
  );
}
