import {
  AFTER_MODES,
  AFTER_SHAPE,
  afterFromText,
  parseAfter,
  parseAfterMode,
  sameAfter,
  type AfterMode,
  type AfterOption,
} from './parse-after.js';
import { parseDuration, type Duration } from './duration.js';
import { InvalidArgumentError } from './errors.js';
import { LIMITS } from './limits.js';
import { LIMIT_REFS_SHAPE, limitRefsFromText, parseLimitRefs, sameLimitRefs } from './limit-refs.js';
import { parseName, parseType } from './names.js';
import { parseKey } from './parse-key.js';
import { parseRetry, retryFromText, RETRY_SHAPE, sameRetry } from './parse-retry.js';
import {
  parseSequence,
  sameSequence,
  SEQUENCE_SHAPE,
  sequenceFromText,
  type Sequence,
  type SequenceOptions,
} from './parse-sequence.js';
import {
  isLeaderDecided,
  parseUnique,
  sameUnique,
  UNIQUE_SHAPE,
  uniqueFromText,
  type UniqueOptions,
  type UniquePolicy,
} from './parse-unique.js';
import { flagFromText, parseFlag } from './parse-flag.js';
import { AMOUNTS_SHAPE, sameAmounts, type Amounts, type GivenAmounts } from './placement/amounts.js';
import { sameWhere, WHERE_SHAPE, type Where } from './placement/conditions.js';
import { parseDemand } from './placement/parse-demand.js';
import { NEAR_SHAPE, parseNear } from './placement/parse-near.js';
import { parsePrefer, PREFER_SHAPE, type GivenPreference, type Preference } from './placement/parse-prefer.js';
import {
  APART_SHAPE,
  parseApart,
  parseSpread,
  SPREAD_SHAPE,
  spreadFromText,
  type Apart,
  type GivenSpread,
  type Spread,
} from './placement/parse-spread.js';
import { parseSticky, STICKY_SHAPE, type Sticky, type StickyOptions } from './placement/parse-sticky.js';
import { parseConditions, type GivenWhere } from './placement/parse-conditions.js';
import type { RetryPolicy } from './retry.js';
import { sameJson } from './same-json.js';
import { numberFromText, type Shape } from './shapes.js';

/**
 * Everything that there is to say of one option of a task. The client, the records, the command line, the fuzzer and
 * the documents draw from these entries: a new option is an entry here, and its meaning in the planner.
 */
interface TaskOption<Given, Stored, Field extends string, Apart extends 'batch' | 'group' | 'order' | 'class'> {
  /** Its name in the header of a batch, with the unit. */
  readonly field: Field;
  /** The value where it is left out. Records do not repeat it. */
  readonly default: Stored;
  /** Throws `InvalidArgumentError` with `argument`. `undefined` and `null` count as left out and never come here. */
  readonly parse: (argument: string, given: unknown) => Stored;
  readonly shape: Shape;
  /** Whether two values are the same; where it is left out, `===` says. */
  readonly same?: (a: Stored, b: Stored) => boolean;
  /**
   * The unit that tasks which differ in it cannot share. `batch`: they are in batches of different queues. `group`:
   * they are in one batch, in groups of their own. `order`: the planner keeps them apart as well, since it decides who
   * goes first. `class`: since it decides where or when they run.
   */
  readonly apart: Apart;
  /**
   * The feature that a program must understand to run a task that was given this option: it restricts when or whether
   * the task may run. Left out: none. Tasks that need different features are in different batches.
   */
  readonly needs?: string;
  /** `--name TEXT` of `drover submit`. `fromText` makes of the text what a program would give. */
  readonly flag: {
    /** Default: the name of the option. */
    readonly name?: string;
    /** It may be given several times: the texts are joined with commas. */
    readonly repeats?: true;
    readonly describe: string;
    readonly defaultsTo?: string;
    readonly fromText?: (text: string) => unknown;
  };
  /** A row of the documents. */
  readonly meaning: string;
  /** An example. */
  readonly example: Given;
  /** Other options without which it is refused, as an example. Left out: none. */
  readonly beside?: Readonly<Record<string, unknown>>;
}

function option<Given, Stored, Field extends string, Apart extends 'batch' | 'group' | 'order' | 'class'>(
  entry: TaskOption<Given, Stored, Field, Apart>,
): TaskOption<Given, Stored, Field, Apart> {
  return Object.freeze(entry);
}

/** The feature of programs that heed the resources, conditions and companions of tasks. */
export const PLACEMENT = 'placement';
export const DEFAULT_QUEUE = 'default';
/** The tenant of tasks that name none. */
export const NO_TENANT = '';

export const TASK_OPTIONS = {
  /** Default `default`. Queues need no declaring. */
  queue: option({
    field: 'queue',
    default: DEFAULT_QUEUE,
    parse: parseName,
    shape: { kind: 'text' },
    apart: 'batch',
    flag: { describe: 'Queue', defaultsTo: DEFAULT_QUEUE },
    meaning: 'default `default`; queues need no declaring',
    example: 'images',
  }),
  /**
   * The customer or team whose work it is: tenants of a queue share it by weight. Default: none, which counts as one
   * tenant of its own.
   */
  tenant: option({
    field: 'tenant',
    default: NO_TENANT,
    parse: parseName,
    shape: { kind: 'text' },
    apart: 'order',
    flag: { describe: 'Tenant whose task it is: the tenants of a queue share the workers by weight' },
    meaning: 'whose work it is; tenants of a queue share it by weight, the tasks without one count as one tenant',
    example: 'acme',
  }),
  /** Higher goes first, within the tenant. Default 0. */
  priority: option({
    field: 'priority',
    default: 0,
    parse: parsePriority,
    shape: { kind: 'whole', min: -LIMITS.priority, max: LIMITS.priority },
    apart: 'order',
    flag: {
      describe: `Whole number from -${LIMITS.priority} to ${LIMITS.priority}; tasks of the same tenant with a higher one go first`,
      defaultsTo: '0',
      fromText: numberFromText,
    },
    meaning: `whole number from -${LIMITS.priority} to ${LIMITS.priority}; within a tenant higher ones go first, and what has waited long (\`--aging\`); default 0`,
    example: 5,
  }),
  /** Attempts that may fail or time out. Default 3. */
  maxAttempts: option({
    field: 'maxAttempts',
    default: 3,
    parse: parseAttempts,
    shape: { kind: 'whole', min: 1, max: LIMITS.maxAttempts },
    apart: 'group',
    flag: {
      describe: 'Number of attempts that may fail or time out before the task fails',
      defaultsTo: '3',
      fromText: numberFromText,
    },
    meaning: 'attempts that may fail or time out; default 3',
    example: 5,
  }),
  /** Of one attempt. Default: the handler's, else none. */
  timeout: option<Duration, number | null, 'timeoutMs', 'group'>({
    field: 'timeoutMs',
    default: null,
    parse: parseTimeout,
    shape: { kind: 'nullable', of: { kind: 'number', above: 0 } },
    apart: 'group',
    flag: { describe: 'Time limit per attempt, e.g. 30s', defaultsTo: "the handler's" },
    meaning: "of one attempt; then the handler's signal is aborted",
    example: '30s',
  }),
  /**
   * For so long at most the handler may tell no progress (`ctx.progress`), then the attempt is over as timed out, with
   * `HeartbeatTimeout`. Default: the handler's, else none.
   */
  heartbeat: option<Duration, number | null, 'heartbeatMs', 'group'>({
    field: 'heartbeatMs',
    default: null,
    parse: parseHeartbeat,
    shape: { kind: 'nullable', of: { kind: 'number', above: 0 } },
    apart: 'group',
    needs: 'heartbeat',
    flag: {
      describe: 'End an attempt as timed out when its handler has reported no progress for this long, e.g. 30s',
      defaultsTo: "the handler's",
    },
    meaning: 'an attempt whose handler reports no progress (`ctx.progress`) for this long ends as timed out',
    example: '30s',
  }),
  /** Not before this long after the submit. */
  delay: option<Duration, number, 'delayMs', 'group'>({
    field: 'delayMs',
    default: 0,
    parse: parseDuration,
    shape: { kind: 'number', min: 0 },
    apart: 'group',
    flag: { describe: 'Delay before the first attempt, e.g. 5s' },
    meaning: 'not before this long after the submit',
    example: '5s',
  }),
  /**
   * Ids of other tasks: it runs when all of them have succeeded, and is cancelled as soon as one of them has failed or was
   * cancelled. `afterMode: 'ended'`: it runs when all of them have ended, in whatever way. An id of a task that is not
   * there fails it as `UnknownDependency`.
   */
  after: option<AfterOption, readonly string[] | null, 'after', 'group'>({
    field: 'after',
    default: null,
    parse: parseAfter,
    shape: { kind: 'nullable', of: AFTER_SHAPE },
    same: sameAfter,
    apart: 'group',
    needs: 'after',
    flag: {
      describe: `Ids of other tasks, ID,ID, at most ${LIMITS.dependencies}: run when all of them have succeeded; cancelled when one has not`,
      fromText: afterFromText,
    },
    meaning:
      'ids of other tasks: it runs when all of them have succeeded, and is cancelled when one has not; see [tasks after others](../../docs/after.md)',
    example: ['01JD3V8R2MZ6K4Q7T9XBYC5HNA.0'],
  }),
  /** `ended`: with `after`, it runs when all of them have ended, in whatever way. Default `succeeded`. */
  afterMode: option<AfterMode, AfterMode, 'afterMode', 'group'>({
    field: 'afterMode',
    default: 'succeeded',
    parse: parseAfterMode,
    shape: { kind: 'choice', of: AFTER_MODES },
    apart: 'group',
    flag: {
      describe: "How the tasks of --after must have ended: 'succeeded', or 'ended' in any way",
      defaultsTo: 'succeeded',
    },
    meaning: "how the tasks of `after` must have ended: `'succeeded'` (default), or `'ended'`: in whatever way",
    example: 'ended',
    beside: { after: '01JD3V8R2MZ6K4Q7T9XBYC5HNA.0' },
  }),
  /**
   * Not *started* this long after it was due: the task fails as `TaskExpired`. Default: it waits as long as it takes.
   */
  expires: option<Duration, number | null, 'expiresMs', 'group'>({
    field: 'expiresMs',
    default: null,
    parse: (argument, given) => parsePositive(argument, given, 'leave it out for a task that never expires'),
    shape: { kind: 'nullable', of: { kind: 'number', above: 0 } },
    apart: 'group',
    needs: 'expires',
    flag: { describe: 'Fail the task as TaskExpired unless it starts within this time after it is due, e.g. 10m' },
    meaning: 'unless it starts within this time after it is due, it fails as `TaskExpired`',
    example: '10m',
  }),
  /**
   * For its whole life from the submit, with all attempts: then it is ended, also at its worker, and fails as
   * `DeadlineExceeded`. Longer than the delay. Default: none.
   */
  deadline: option<Duration, number | null, 'deadlineMs', 'group'>({
    field: 'deadlineMs',
    default: null,
    parse: (argument, given) => parsePositive(argument, given, 'leave it out for no deadline'),
    shape: { kind: 'nullable', of: { kind: 'number', above: 0 } },
    apart: 'group',
    needs: 'deadline',
    flag: {
      describe:
        'Fail the task as DeadlineExceeded unless it ends within this time after the submit, retries included, e.g. 2h',
    },
    meaning: 'unless it ends within this time after the submit, retries included, it fails as `DeadlineExceeded`',
    example: '2h',
  }),
  /**
   * While a task of this queue with the same key is unfinished, a submit yields that task instead of a new one. Any
   * text of 1 to 512 characters, as JavaScript counts them.
   */
  key: option<string, string | null, 'key', 'group'>({
    field: 'key',
    default: null,
    parse: parseKey,
    shape: { kind: 'nullable', of: { kind: 'text' } },
    apart: 'group',
    flag: {
      describe: `Deduplication key, at most ${LIMITS.keyLength} characters: return the unfinished task of the queue that has it instead of submitting`,
    },
    meaning: `while a task of the queue with this key is unfinished, \`submit\` yields that one (\`task.deduplicated\`); 1 to ${LIMITS.keyLength} characters`,
    example: 'nightly',
  }),
  /**
   * Whether tasks of the queue with the same key may be unfinished together, and which of them run: see
   * `UniqueOptions`.
   * Text, or a key alone, is mode `first`, the same as `key`. Records hold that as `key`.
   */
  unique: option<UniqueOptions | string, UniquePolicy | null, 'unique', 'group'>({
    field: 'unique',
    default: null,
    parse: parseUnique,
    shape: { kind: 'nullable', of: UNIQUE_SHAPE },
    same: sameUnique,
    apart: 'group',
    needs: 'unique',
    flag: {
      describe:
        'Which of the tasks of the queue with the same key run: KEY, or KEY,mode=last|cancel, KEY,mode=debounce,quiet=5s[,max=1m], KEY,mode=throttle,every=2s[,trailing=false], KEY,for=24h',
      fromText: uniqueFromText,
    },
    meaning:
      '`{ key, mode, … }`: which of the tasks of the queue with the same key run; see [unique tasks](../../docs/unique.md)',
    example: { key: 'doc1', mode: 'last' },
  }),
  /**
   * Limits that the task names, 8 at most: it is handed out when all of them have room, and holds none while it waits.
   */
  limits: option<readonly string[] | string, readonly string[] | null, 'limits', 'class'>({
    field: 'limits',
    default: null,
    parse: parseLimitRefs,
    shape: { kind: 'nullable', of: LIMIT_REFS_SHAPE },
    same: sameLimitRefs,
    apart: 'class',
    needs: 'limits',
    flag: {
      name: 'limit',
      repeats: true,
      describe:
        'Limit that the task is under, such as gpu, or stripe/acme with the key acme; several separated by commas, or the option several times',
      fromText: limitRefsFromText,
    },
    meaning: `names of limits that it is under, ${LIMITS.limitsOfTask} at most, with a key behind a slash if the limit counts per key; see [limits](../../docs/limits.md)`,
    example: ['gpu', 'stripe/acme'],
  }),
  /** Tasks of the queue with the same one run one at a time, in the order of their submits. Text is a key. */
  sequence: option<SequenceOptions | string, Sequence | null, 'sequence', 'class'>({
    field: 'sequence',
    default: null,
    parse: parseSequence,
    shape: { kind: 'nullable', of: SEQUENCE_SHAPE },
    same: sameSequence,
    apart: 'class',
    needs: 'sequences',
    flag: {
      describe:
        'Tasks of the queue with the same sequence run one at a time, in order: KEY, or KEY,onFailure=block if the later ones must wait when it fails',
      fromText: sequenceFromText,
    },
    meaning:
      "tasks of the queue with the same sequence run one at a time, in the order of their submits; with `{ key, onFailure: 'block' }` the later ones wait when it fails; see [limits](../../docs/limits.md#sequences)",
    example: 'order-42',
  }),
  /**
   * Resources that it needs while it runs: `{ cpu: 2, memory: '8GiB', gpu: 1 }`. It goes only to a worker that has them
   * free. Default: the queue's; and one slot.
   */
  resources: option<GivenAmounts | string, Amounts | null, 'resources', 'class'>({
    field: 'resources',
    default: null,
    parse: parseDemand,
    shape: { kind: 'nullable', of: AMOUNTS_SHAPE },
    same: sameAmounts,
    apart: 'class',
    needs: PLACEMENT,
    flag: {
      describe: 'Resources that it needs while it runs, e.g. cpu=2,memory=8GiB,gpu=1',
      defaultsTo: "the queue's",
    },
    meaning:
      "resources that it needs while it runs, e.g. `{ cpu: 2, memory: '8GiB', gpu: 1 }`; it goes only to a worker that has them free; see [resources](../../docs/resources.md)",
    example: { cpu: 2, memory: '8GiB' },
  }),
  /** Conditions on labels of the worker; all of them hold. Default: the queue's. */
  where: option<GivenWhere | string, Where | null, 'where', 'class'>({
    field: 'where',
    default: null,
    parse: parseConditions,
    shape: { kind: 'nullable', of: WHERE_SHAPE },
    same: sameWhere,
    apart: 'class',
    needs: PLACEMENT,
    flag: {
      describe: "Conditions on labels of the worker, e.g. 'zone=a|b,arch!=arm,cores>=8,!gpu'",
      defaultsTo: "the queue's",
    },
    meaning:
      "conditions on labels of the worker, e.g. `{ zone: ['a', 'b'], arch: { not: 'arm' }, cores: { gte: 8 } }`; see [resources](../../docs/resources.md)",
    example: { zone: ['a', 'b'], cores: { gte: 8 } },
  }),
  /** Workers that are rather taken, the heavier ones first. */
  prefer: option<
    GivenPreference | readonly GivenPreference[] | string,
    readonly Preference[] | null,
    'prefer',
    'class'
  >({
    field: 'prefer',
    default: null,
    parse: parsePrefer,
    shape: { kind: 'nullable', of: PREFER_SHAPE },
    same: sameJson,
    apart: 'class',
    flag: { describe: "Workers that are rather taken, each with a weight from 1 to 100, e.g. 'disk=ssd:50;zone=a:20'" },
    meaning:
      "workers that are rather taken, e.g. `[{ where: { disk: 'ssd' }, weight: 50 }]`; weights from 1 to 100, default 50",
    example: [{ where: { disk: 'ssd' }, weight: 50 }],
  }),
  /** Its tasks are spread over the values of a label: see `Spread`. Text is the label. */
  spread: option<GivenSpread | string, Spread | null, 'spread', 'class'>({
    field: 'spread',
    default: null,
    parse: parseSpread,
    shape: { kind: 'nullable', of: SPREAD_SHAPE },
    same: sameJson,
    apart: 'class',
    needs: PLACEMENT,
    flag: {
      describe: "Spread the tasks over the values of a label, e.g. 'zone', or 'zone,over=queue,mode=hard,maxSkew=1'",
      fromText: spreadFromText,
    },
    meaning:
      "`{ by, over, mode, maxSkew, targets }`: spreads tasks over the values of a label, e.g. `{ by: 'zone' }`; `over`: `'batch'` (default), `'queue'`, `'key:K'`",
    example: { by: 'zone', mode: 'hard' },
  }),
  /** At most one of such tasks at a time at workers with the same value of a label. Text is the label. */
  apart: option<{ by: string; over?: Apart['over'] | undefined } | string, Apart | null, 'apart', 'class'>({
    field: 'apart',
    default: null,
    parse: parseApart,
    shape: { kind: 'nullable', of: APART_SHAPE },
    same: sameJson,
    apart: 'class',
    needs: PLACEMENT,
    flag: {
      describe: "At most one of such tasks at a time at each value of a label, e.g. 'host,over=key:customer-42'",
      fromText: spreadFromText,
    },
    meaning: "`{ by, over }`: at most one of such tasks at a time at each value of a label, e.g. `{ by: 'host' }`",
    example: { by: 'host', over: 'key:customer-42' },
  }),
  /** Places where its data is, the best first, as a label and its value. */
  near: option<readonly string[] | string, readonly string[] | null, 'near', 'class'>({
    field: 'near',
    default: null,
    parse: parseNear,
    shape: { kind: 'nullable', of: NEAR_SHAPE },
    same: sameJson,
    apart: 'class',
    flag: { describe: 'Places where its data is, the best first, e.g. host:h17,host:h4,rack:r2' },
    meaning: "places where its data is, the best first, e.g. `['host:h17', 'rack:r2']`",
    example: ['host:h17', 'rack:r2'],
  }),
  /** How long it waits for room near its data, from when room elsewhere was first declined; 0: it only prefers. */
  nearWait: option<Duration, number, 'nearWaitMs', 'class'>({
    field: 'nearWaitMs',
    default: 3_000,
    parse: parseDuration,
    shape: { kind: 'number', min: 0 },
    apart: 'class',
    flag: { describe: 'Time to wait for room near its data before it goes elsewhere', defaultsTo: '3s' },
    meaning: 'how long it waits for room at one of the places of `near` before it goes elsewhere; default 3 s',
    example: '10s',
  }),
  /** Tasks with the same key go to the same worker while that is there. Text is a key. */
  sticky: option<StickyOptions | string, Sticky | null, 'sticky', 'class'>({
    field: 'sticky',
    default: null,
    parse: parseSticky,
    shape: { kind: 'nullable', of: STICKY_SHAPE },
    same: sameJson,
    apart: 'class',
    needs: PLACEMENT,
    flag: { describe: 'Tasks with the same key go to the same worker, e.g. session-7' },
    meaning:
      "tasks with the same key go to the same worker, while it has room within `wait` (1 s); `{ key, mode: 'hard' }` waits for room there",
    example: 'session-7',
  }),
  /** It may be interrupted for tasks that go before it, and then runs again. Default: the queue's, else false. */
  preemptible: option<boolean, boolean, 'preemptible', 'class'>({
    field: 'preemptible',
    default: false,
    parse: parseFlag,
    shape: { kind: 'flag' },
    apart: 'class',
    flag: {
      describe: 'It may be interrupted for tasks that go before it, and then runs again',
      defaultsTo: "the queue's, else false",
      fromText: flagFromText,
    },
    meaning:
      'it may be interrupted for tasks that go before it, and then runs again (`ctx.checkpoint` keeps its work); default false',
    example: true,
  }),
  /** It fails as `UnplaceableError` when for so long no worker was there that could ever take it. Default: it waits. */
  placementTimeout: option<Duration, number | null, 'placementTimeoutMs', 'class'>({
    field: 'placementTimeoutMs',
    default: null,
    parse: (argument, given) => parsePositive(argument, given, 'leave it out to wait for as long as it takes'),
    shape: { kind: 'nullable', of: { kind: 'number', above: 0 } },
    apart: 'class',
    needs: PLACEMENT,
    flag: {
      describe: 'Fail the task as UnplaceableError when no worker could take it, even an empty one, for this long',
    },
    meaning:
      'it fails as `UnplaceableError` when for this long no worker was there that could take it, even if it were empty',
    example: '10m',
  }),
  /** A second attempt may be begun beside one that takes far longer than the others. Default: false. */
  speculative: option<boolean, boolean, 'speculative', 'class'>({
    field: 'speculative',
    default: false,
    parse: parseFlag,
    shape: { kind: 'flag' },
    apart: 'class',
    flag: {
      describe: 'A second attempt may begin beside one that takes far longer than the others; one result is accepted',
      defaultsTo: 'false',
      fromText: flagFromText,
    },
    meaning:
      'a second attempt may begin beside one that takes far longer than the others, and the first result is accepted; default false',
    example: true,
  }),
  /** Default: the handler's, else exponential from 1 s. Fields that are left out are taken from `DEFAULT_RETRY`. */
  retry: option<Partial<RetryPolicy>, RetryPolicy | null, 'retry', 'group'>({
    field: 'retry',
    default: null,
    parse: parseRetry,
    shape: { kind: 'nullable', of: RETRY_SHAPE },
    same: sameRetry,
    apart: 'group',
    flag: {
      describe: 'Delay between attempts: constant, linear or exponential, e.g. constant,delay=5s',
      defaultsTo: "the handler's",
      fromText: retryFromText,
    },
    meaning: "`{ kind: 'constant' \\| 'linear' \\| 'exponential', delayMs, maxDelayMs, jitter }`",
    example: { kind: 'constant', delayMs: 1_000 },
  }),
};

type Table = typeof TASK_OPTIONS;
export type TaskOptionName = keyof Table;
type GroupOption = { [Name in TaskOptionName]: Table[Name]['apart'] extends 'batch' ? never : Name }[TaskOptionName];

/** The options of a submit. */
export type SubmitOptions = { [Name in TaskOptionName]?: Table[Name]['example'] | undefined };
/** The same, as it comes from outside. */
export type GivenTaskOptions = Readonly<Partial<Record<TaskOptionName, unknown>>>;
/**
 * The options that a task was submitted with, as far as scheduling goes. Tasks that share it form a group of their
 * batch.
 */
export type TaskOptions = { type: string } & {
  [Name in GroupOption as Table[Name]['field']]: Table[Name]['default'] | ReturnType<Table[Name]['parse']>;
};

type AnyOption = TaskOption<unknown, unknown, string, 'batch' | 'group' | 'order' | 'class'>;
export const TASK_OPTION_NAMES = Object.keys(TASK_OPTIONS) as readonly TaskOptionName[];

/** Those of a group of tasks, for whoever goes through them. */
export const GROUP_OPTIONS: readonly ({ name: TaskOptionName } & Pick<
  AnyOption,
  'field' | 'parse' | 'shape' | 'same'
> & {
    default: unknown;
  })[] = TASK_OPTION_NAMES.filter((name) => TASK_OPTIONS[name].apart !== 'batch').map((name) => {
  const { field, parse, shape, same, default: standard } = TASK_OPTIONS[name] as AnyOption;
  return { name, field, parse, shape, default: standard, ...(same === undefined ? {} : { same }) };
});

export const DEFAULT_TASK_OPTIONS = Object.freeze(
  Object.fromEntries(GROUP_OPTIONS.map(({ field, default: standard }) => [field, standard])),
) as Readonly<Omit<TaskOptions, 'type'>>;

/**
 * The options of a submit, checked: the one place that decides, for the client, for lines of files and for the command
 * line. Throws `InvalidArgumentError` that names the argument, what was given and what was expected. Options that are
 * `undefined` or `null` count as left out: `defaults` fills them.
 */
export function parseTask(
  type: unknown,
  given: GivenTaskOptions,
  defaults: GivenTaskOptions = {},
): { queue: string; options: TaskOptions } {
  const options: Record<string, unknown> = { type: parseType(type), ...DEFAULT_TASK_OPTIONS };
  for (const { name, field, parse } of GROUP_OPTIONS) {
    const value = given[name] ?? defaults[name];
    if (value !== undefined && value !== null) options[field] = parse(name, value);
  }
  const queue = parseName('queue', given.queue ?? defaults.queue ?? DEFAULT_QUEUE);
  const together = checkTogether(options as unknown as TaskOptions);
  return { queue, options: checkAfter(together, given.afterMode ?? null) };
}

/** Options that are right each by itself, and not together. Mode `first` becomes the key that clients guard by. */
function checkTogether(options: TaskOptions): TaskOptions {
  const { delayMs, deadlineMs, unique } = options;
  if (unique !== null && options.key !== null)
    throw new InvalidArgumentError('unique', unique.key, `no unique beside the key '${options.key}': it says the same`);
  if (unique?.mode === 'first') {
    options.key = unique.key;
    if (unique.forMs === null) options.unique = null;
  }
  if (deadlineMs === null || deadlineMs > delayMs) return options;
  throw new InvalidArgumentError(
    'deadline',
    `${deadlineMs} ms`,
    `more than the delay of ${delayMs} ms: both count from the submit, so the task could never start`,
  );
}

/** `mode`: as given for this task; a default for many means nothing where there is no `after`. */
function checkAfter(options: TaskOptions, mode: unknown): TaskOptions {
  const { after, unique } = options;
  if (after === null && mode !== null)
    throw new InvalidArgumentError('afterMode', mode, "'after' beside it, which names the tasks that must have ended");
  if (after === null) options.afterMode = 'succeeded';
  else if (isLeaderDecided(unique))
    throw new InvalidArgumentError(
      'after',
      after.join(),
      `no after beside unique with mode '${unique.mode}', which itself decides when the task runs`,
    );
  return options;
}

const NEEDING = TASK_OPTION_NAMES.flatMap((name): { field: string; standard: unknown; feature: string }[] => {
  const { field, default: standard, needs } = TASK_OPTIONS[name] as AnyOption;
  return needs === undefined ? [] : [{ field, standard, feature: needs }];
});
const NO_FEATURES: readonly string[] = [];

/** Features that a program must understand to run a task with these options, sorted; mostly none. */
export function featuresOf(options: TaskOptions): readonly string[] {
  let features: string[] | null = null;
  for (const { field, standard, feature } of NEEDING)
    if ((options as unknown as Record<string, unknown>)[field] !== standard) (features ??= []).push(feature);
  return features === null ? NO_FEATURES : [...new Set(features)].sort();
}

/** Whether two tasks can be in one group of a batch. */
export function sameOptions(a: TaskOptions, b: TaskOptions): boolean {
  if (a === b) return true;
  if (a.type !== b.type) return false;
  const [left, right] = [a, b] as unknown as readonly [Record<string, unknown>, Record<string, unknown>];
  for (const { field, same } of GROUP_OPTIONS) {
    const [one, other] = [left[field], right[field]];
    if (one !== other && same?.(one, other) !== true) return false;
  }
  return true;
}

/** Left out: `null`, as long as it takes. At least 1 ms. */
export function parseTimeout(argument: string, given: unknown): number | null {
  if (given === undefined) return null;
  return parsePositive(argument, given, 'leave it out for no timeout');
}

/** Left out: `null`, the handler need not tell that it goes on. At least 1 ms. */
export function parseHeartbeat(argument: string, given: unknown): number | null {
  if (given === undefined) return null;
  return parsePositive(argument, given, 'leave it out for none');
}

function parsePositive(argument: string, given: unknown, otherwise: string): number {
  const ms = parseDuration(argument, given);
  if (ms > 0) return ms;
  throw new InvalidArgumentError(argument, given, `at least 1 ms; ${otherwise}`);
}

function parseAttempts(argument: string, given: unknown): number {
  if (typeof given === 'number' && Number.isInteger(given) && given >= 1 && given <= LIMITS.maxAttempts) return given;
  throw new InvalidArgumentError(argument, given, `a whole number from 1 to ${LIMITS.maxAttempts}`);
}

/** Throws `InvalidArgumentError`. */
export function parsePriority(argument: string, given: unknown): number {
  const most = LIMITS.priority;
  // -0 is 0: records and messages would show it.
  if (typeof given === 'number' && Number.isInteger(given) && Math.abs(given) <= most) return given === 0 ? 0 : given;
  throw new InvalidArgumentError(argument, given, `a whole number from -${most} to ${most}`);
}

/** The flag of an option on the command line: `max-attempts`, `limit`. */
export function flagOf(name: TaskOptionName): string {
  return (TASK_OPTIONS[name] as AnyOption).flag.name ?? toFlag(name);
}

/** The name as the command line has it: `max-attempts`. */
export function toFlag(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
