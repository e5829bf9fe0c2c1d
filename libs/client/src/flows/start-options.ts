import {
  checkAsked,
  checkOptions,
  InvalidArgumentError,
  parseDuration,
  parseTask,
  type Duration,
  type SubmitOptions,
} from '@drover/core';
import type { AskOptions } from '../options.js';
import { checkRequest, type CheckedRequest, type StartRequest } from '../start-request.js';

/** Of a start. They hold for steps that have none of their own. */
export interface StartOptions extends AskOptions, Pick<SubmitOptions, 'queue' | 'tenant' | 'priority' | 'limits'> {
  /** From the start: then the run is cancelled, and has failed. Default: that of the flow. */
  deadline?: Duration | undefined;
  /** While a run of this flow with the same key is unfinished, no other is started: that one is returned. */
  unique?: { key: string } | undefined;
  /** Items of maps that are not in the input, by step: lists, or async iterables of up to 1,000,000. */
  items?: Readonly<Record<string, Iterable<unknown> | AsyncIterable<unknown>>> | undefined;
  /** For programs that repeat a start until it is answered: it happens once. */
  request?: StartRequest | undefined;
}

export interface CheckedStart {
  queue: string | null;
  /** Fields of a group that are not the default. */
  options: Record<string, unknown>;
  limits: readonly string[] | null;
  deadlineMs: number | null;
  key: string | null;
  asked: AskOptions;
  request: CheckedRequest | null;
  items: NonNullable<StartOptions['items']>;
}

const NAMES = ['queue', 'tenant', 'priority', 'limits', 'deadline', 'unique', 'items', 'by', 'reason', 'request'];
const INHERITED = ['tenant', 'priority', 'limits'] as const;

/** Throws `InvalidArgumentError`. */
export function checkStart(given: StartOptions): CheckedStart {
  checkOptions(given, NAMES);
  const { queue, deadline, unique, items = {}, by, reason, request } = given;
  const wanted = Object.fromEntries(
    INHERITED.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])),
  );
  const checked = parseTask('step', { ...wanted, ...(queue !== undefined && { queue }) });
  const options = Object.fromEntries(Object.keys(wanted).map((name) => [name, checked.options[name as 'tenant']]));
  return {
    ...{ queue: queue === undefined ? null : checked.queue, options, limits: checked.options.limits },
    deadlineMs: deadline === undefined ? null : parseDuration('deadline', deadline),
    key: unique === undefined ? null : keyOf(unique),
    asked: checkAsked({ by, reason }),
    request: checkRequest(request),
    items,
  };
}

function keyOf(unique: unknown): string {
  checkOptions(unique, ['key'], 'unique');
  const { key } = unique as { key?: unknown };
  if (key === undefined) throw new InvalidArgumentError('unique', unique, 'an object such as { key }');
  return parseTask('step', { key }).options.key ?? '';
}
