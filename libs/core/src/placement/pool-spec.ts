import { checkOptions, oneOf } from '../check-options.js';
import { formatDuration, parseWithinYear, type Duration } from '../duration.js';
import { InvalidArgumentError } from '../errors.js';
import { TYPE_PATTERN } from '../limits.js';
import { parseName } from '../names.js';
import { formatAmounts, parseAmounts, type Amounts, type GivenAmounts } from './amounts.js';
import { define, parseFields } from './definition.js';
import { parseOvercommit, shownOvercommit, type Overcommit } from './overcommit.js';
import { shownAmounts, type ShownAmounts } from './shown-amounts.js';

/** A worker as it would be added. */
export interface PoolTemplate {
  readonly resources: Amounts;
  readonly labels: Readonly<Record<string, string>>;
  /** Types of tasks that it would run, sorted; null: those of the workers of the pool. */
  readonly types: readonly string[] | null;
}

/** spread: the worker that has least to do is next · pack: the first one that has room, so that the last ones stay empty. */
export const POOL_POLICIES: readonly string[] = ['spread', 'pack'];

/** A pool, as records hold it: a named set of workers with one policy. */
export interface PoolSpec {
  /** One of `POOL_POLICIES`. */
  readonly policy: string;
  /** Accounts whose tasks alone it takes, sorted; null: anybody's. */
  readonly dedicated: readonly string[] | null;
  readonly overcommit: Overcommit;
  readonly template: PoolTemplate | null;
  /** A worker is given less for so long after it has joined, while others have room. */
  readonly warmupMs: number;
  /** Workers that are advised, at least and at most; null: no bound. */
  readonly min: number;
  readonly max: number | null;
  /** A worker that has been idle for so long may go; null: none is advised to. */
  readonly idleForMs: number | null;
  /** Advice is for as many workers as end what is pending in this time. */
  readonly drainWithinMs: number;
  /** Fewer workers are advised once in this time at most. */
  readonly cooldownMs: number;
  /** A worker that was asked for counts as coming for so long. */
  readonly bootWithinMs: number;
  /** URL that is told of advice; null: none. */
  readonly webhook: string | null;
  /** Signs what is sent there; null: there is no webhook. */
  readonly webhookSecret: string | null;
}

/** A pool as somebody gives it: fields that are not named stay as they are. */
export interface PoolOptions {
  /** `'spread'` (at first), `'pack'`, or the name of a strategy of the scheduler. */
  policy?: string | undefined;
  /** Accounts whose tasks alone it takes; null: anybody's, as at first. */
  dedicated?: readonly string[] | null | undefined;
  /** `{ cpu: 1.5 }`: tasks may claim so much more of a resource than workers have; `'memory!'` for memory. */
  overcommit?: GivenAmounts | string | null | undefined;
  /** A worker as it would be added, for advice; null: no advice, as at first. */
  template?: TemplateOptions | null | undefined;
  /** Time in which a new worker is given less; at first 0. */
  warmup?: Duration | undefined;
  /** Workers that are advised at least; at first 0. */
  min?: number | undefined;
  /** ... and at most; null: no bound, as at first. */
  max?: number | null | undefined;
  /** A worker that has been idle for so long may go; null: none is advised to; at first 5 minutes. */
  idleFor?: Duration | null | undefined;
  /** Advice is for as many workers as end what is pending in this time; at first a minute. */
  drainWithin?: Duration | undefined;
  /** Fewer workers are advised once in this time at most; at first 5 minutes. */
  cooldown?: Duration | undefined;
  /** A worker that was asked for counts as coming for so long; at first 5 minutes. */
  bootWithin?: Duration | undefined;
  /** URL that is told of advice; null: none, as at first. */
  webhook?: string | null | undefined;
  /** Signs what is sent there: 16 to 256 characters. */
  webhookSecret?: string | null | undefined;
}

export interface TemplateOptions {
  /** `slots` is how many tasks it runs at a time. */
  resources: GivenAmounts | string;
  labels?: Readonly<Record<string, string>> | undefined;
  /** Types of tasks that it would run; by default those of the workers of the pool. */
  types?: readonly string[] | null | undefined;
}

/** A pool in the units that people write. */
export interface PoolView {
  readonly policy: string;
  readonly dedicated: readonly string[] | null;
  readonly overcommit: Overcommit;
  readonly template: (Omit<PoolTemplate, 'resources'> & { readonly resources: ShownAmounts }) | null;
  readonly warmup: string;
  readonly min: number;
  readonly max: number | null;
  readonly idleFor: string | null;
  readonly drainWithin: string;
  readonly cooldown: string;
  readonly bootWithin: string;
  readonly webhook: string | null;
}

const NAMES = [
  ...(['policy', 'dedicated', 'overcommit', 'template', 'warmup', 'min', 'max', 'idleFor'] as const),
  ...(['drainWithin', 'cooldown', 'bootWithin', 'webhook', 'webhookSecret'] as const),
] satisfies (keyof PoolOptions)[];
const MOST_WORKERS = 100_000;
const MOST_ACCOUNTS = 1_000;
const MOST_LABELS = 32;
const MOST_TYPES = 100;
const URL_CHARS = 2_048;

export const POOL = define<PoolSpec, PoolOptions, PoolView>({
  standard: Object.freeze({
    ...{ policy: 'spread', dedicated: null, overcommit: Object.freeze({}), template: null, warmupMs: 0 },
    ...{ min: 0, max: null, idleForMs: 300_000, drainWithinMs: 60_000, cooldownMs: 300_000, bootWithinMs: 300_000 },
    ...{ webhook: null, webhookSecret: null },
  }),
  parseName,
  parse: (argument, given) => {
    checkOptions(given, NAMES, argument);
    return parseFields<PoolSpec>(
      given,
      {
        policy: { parse: (at, value) => oneOf(at, value, POOL_POLICIES) },
        dedicated: { parse: orNull(parseDedicated) },
        overcommit: { parse: (at, value) => (value === null ? Object.freeze({}) : parseOvercommit(at, value)) },
        template: { parse: orNull(parseTemplate) },
        warmupMs: { name: 'warmup', parse: parseWithinYear },
        min: { parse: parseWorkers },
        max: { parse: orNull(parseWorkers) },
        idleForMs: { name: 'idleFor', parse: orNull(parseWithinYear) },
        drainWithinMs: { name: 'drainWithin', parse: parseWithinYear },
        cooldownMs: { name: 'cooldown', parse: parseWithinYear },
        bootWithinMs: { name: 'bootWithin', parse: parseWithinYear },
        webhook: { parse: orNull(parseWebhook) },
        webhookSecret: { parse: orNull(parseSecret) },
      },
      argument,
    );
  },
  problem: ({ min, max, webhook, webhookSecret }) => {
    if (max !== null && max < min)
      return { field: 'max', message: `max: expected at least min, which is ${min}, got ${max}` };
    if (webhook !== null && webhookSecret === null)
      return {
        field: 'webhookSecret',
        message: 'webhookSecret: a webhook needs a secret, which signs what is sent to it',
      };
    return null;
  },
  view: ({ template, warmupMs, idleForMs, drainWithinMs, cooldownMs, bootWithinMs, webhookSecret: _, ...spec }) => ({
    ...spec,
    overcommit: shownOvercommit(spec.overcommit),
    template: template === null ? null : { ...template, resources: shownAmounts(template.resources) },
    warmup: formatDuration(warmupMs),
    idleFor: idleForMs === null ? null : formatDuration(idleForMs),
    drainWithin: formatDuration(drainWithinMs),
    cooldown: formatDuration(cooldownMs),
    bootWithin: formatDuration(bootWithinMs),
  }),
  format: ({ policy, dedicated, overcommit, template, warmupMs, min, max }) =>
    [
      policy,
      ...(dedicated === null ? [] : [`for ${dedicated.join(', ') || 'nobody'} alone`]),
      ...Object.entries(overcommit).map(([name, factor]) => `${name} x ${factor}`),
      ...(template === null ? [] : [`a worker has ${formatAmounts(template.resources)}`]),
      ...(warmupMs === 0 ? [] : [`warm after ${formatDuration(warmupMs)}`]),
      ...(template === null ? [] : [`${min} to ${max ?? 'any number of'} workers`]),
    ].join(', '),
});

const orNull =
  <T>(parse: (argument: string, given: unknown) => T) =>
  (argument: string, given: unknown): T | null =>
    given === null ? null : parse(argument, given);

function parseDedicated(argument: string, given: unknown): readonly string[] {
  if (!Array.isArray(given) || given.length > MOST_ACCOUNTS)
    throw new InvalidArgumentError(argument, given, `a list of ${MOST_ACCOUNTS} accounts at most, or null for anybody`);
  const names = given.map((each) => parseName(argument, each));
  const twice = names.find((name, at) => names.indexOf(name) < at);
  if (twice !== undefined)
    throw new InvalidArgumentError(argument, `${argument}: the account '${twice}' is given twice`);
  return Object.freeze(names.sort());
}

function parseTemplate(argument: string, given: unknown): PoolTemplate {
  checkOptions(given, ['resources', 'labels', 'types'], argument);
  const { resources, labels = {}, types = null } = given as Record<keyof TemplateOptions, unknown>;
  return Object.freeze({
    resources: parseAmounts(`${argument}.resources`, resources),
    labels: parseLabels(`${argument}.labels`, labels),
    types: types === null ? null : parseTypes(`${argument}.types`, types),
  });
}

function parseTypes(argument: string, given: unknown): readonly string[] {
  if (Array.isArray(given) && given.length > 0 && given.length <= MOST_TYPES && given.every(isType))
    return Object.freeze([...new Set(given)].sort());
  throw new InvalidArgumentError(argument, given, `a list of 1 to ${MOST_TYPES} types of tasks`);
}

const isType = (given: unknown): given is string => typeof given === 'string' && TYPE_PATTERN.test(given);

function parseLabels(argument: string, given: unknown): Readonly<Record<string, string>> {
  const entries = typeof given === 'object' && given !== null && !Array.isArray(given) ? Object.entries(given) : null;
  if (entries === null || entries.length > MOST_LABELS || !entries.every(([, value]) => typeof value === 'string'))
    throw new InvalidArgumentError(argument, given, `labels with their values as text, ${MOST_LABELS} at most`);
  return Object.freeze(Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))));
}

function parseWorkers(argument: string, given: unknown): number {
  if (typeof given === 'number' && Number.isInteger(given) && given >= 0 && given <= MOST_WORKERS) return given;
  throw new InvalidArgumentError(argument, given, 'a whole number of workers from 0 to 100,000');
}

function parseWebhook(argument: string, given: unknown): string {
  const isShort = typeof given === 'string' && given.length <= URL_CHARS && URL.canParse(given);
  const url = isShort ? new URL(given) : null;
  if (url !== null && ['http:', 'https:'].includes(url.protocol) && url.username === '' && url.password === '')
    return url.href;
  throw new InvalidArgumentError(argument, given, 'a URL of http or https without credentials, or null for none');
}

/** The error does not show what was given. */
function parseSecret(argument: string, given: unknown): string {
  if (typeof given === 'string' && given.length >= 16 && given.length <= 256) return given;
  throw new InvalidArgumentError(argument, `${argument}: expected a secret of 16 to 256 characters`);
}
