import { LONGEST_MS, parseDuration } from './duration.js';
import { LIMITS } from './limits.js';
import { flagFromText } from './parse-flag.js';
import { AMOUNTS_SHAPE, type Amounts } from './placement/amounts.js';
import { WHERE_SHAPE, type Where } from './placement/conditions.js';
import { parseConditions } from './placement/parse-conditions.js';
import { parseDemand } from './placement/parse-demand.js';
import { fits, numberFromText, type Shape } from './shapes.js';
import { PLACEMENT } from './task-options.js';

/** The feature of a leader that knows tenants and shares. */
export const SERVICE_ORDER = 'service-order';
/** The feature of a leader that keeps bounds of unfinished tasks of a queue and of its tenants. */
export const PENDING_BOUNDS = 'pending-bounds';
/** The feature of a leader that starts tasks for dead letters. */
export const ON_DEAD = 'on-dead';
/** Of a queue that nobody has given to another one. */
export const DEFAULT_ACCOUNT = 'default';
export type Fairness = 'tasks' | 'time';

/** For each task of a queue that fails for good a task of `type` is started, in `queue`; absent: in the same queue. */
export interface OnDead {
  readonly type: string;
  readonly queue?: string;
}

/**
 * Everything that there is to say of one setting of a queue. The client, the records, the command line and the
 * documents draw from these entries: a new setting is an entry here, and its meaning in the planner.
 */
interface QueueSetting<Value> {
  /** Of a queue that has no settings. A queue whose settings are all as by default has no record. */
  readonly default: Value;
  /**
   * Earlier releases do not know it: records hold it only where it is not the default, and a leader that is asked to
   * change it must understand this feature.
   */
  readonly since?: string;
  readonly shape: Shape;
  /** For whoever gave something else. */
  readonly expected: string;
  /** `--name TEXT` of `drover queue`; absent: another command changes it. */
  readonly flag?: {
    /** Default: the name of the setting. */
    readonly name?: string;
    readonly describe: string;
    /** An example of the text. Default: the example. */
    readonly example?: string;
    readonly expected?: string;
    readonly fromText: (text: string) => unknown;
  };
  /**
   * A record with another value needs that feature: a leader that does not know the setting must leave the queue
   * alone.
   */
  readonly mustUnderstand?: true;
  /** A row of the documents. */
  readonly meaning: string;
  /** The shape of a value that a user may give. */
  readonly example: Value;
}

function setting<Value>(entry: QueueSetting<Value>): QueueSetting<Value> {
  return Object.freeze(entry);
}

export const QUEUE_SETTINGS = {
  paused: setting<boolean>({
    default: false,
    shape: { kind: 'flag' },
    expected: 'true or false',
    meaning: 'its tasks wait; those that run go on (`pauseQueue`, `resumeQueue`)',
    example: true,
  }),
  /** Higher goes first. */
  priority: setting<number>({
    default: 0,
    shape: { kind: 'whole' },
    expected: 'a whole number',
    flag: { describe: 'Whole number; queues with a higher priority are served first', fromText: numberFromText },
    meaning: 'whole number; queues with a higher one go first; default 0',
    example: 10,
  }),
  /** Share among queues of the same priority. */
  weight: setting<number>({
    default: 1,
    shape: { kind: 'number', above: 0 },
    expected: 'a number above 0',
    flag: { describe: 'Share among queues of the same priority; a number above 0', fromText: numberFromText },
    meaning: 'share among queues of the same priority, above 0; default 1',
    example: 3,
  }),
  /** At most so many tasks out at a time; `null`: no limit. */
  maxRunning: setting<number | null>({
    default: null,
    shape: { kind: 'nullable', of: { kind: 'whole', min: 0 } },
    expected: 'a whole number from 0, or null for no limit',
    flag: {
      describe: "Maximum number of its tasks assigned at the same time, or 'none'",
      expected: "a whole number from 0, or 'none'",
      fromText: (text) => (text === 'none' ? null : numberFromText(text)),
    },
    meaning: 'tasks that are out at a time, at most; `null`, the default: no limit',
    example: 100,
  }),
  /**
   * Finished tasks that are kept, besides those of batches that are kept for their failed ones; `null`: the
   * scheduler's.
   */
  retainTasks: countKept('Finished tasks', '`--retain-tasks`', 1_000),
  /** Milliseconds that finished tasks are kept; `null`: the scheduler's. */
  retainAge: timeKept('Finished tasks', '`--retain-age`', 86_400_000),
  /** Failed tasks that are kept; `null`: the scheduler's. */
  retainDeadTasks: countKept('Failed tasks', '`--retain-dead-tasks`', 10_000),
  /** Milliseconds that failed tasks are kept; `null`: the scheduler's. */
  retainDead: timeKept('Failed tasks', '`--retain-dead`', 7 * 86_400_000),
  /** Shares of its tenants; a tenant that has none has the share 1. A change names those whose share changes. */
  tenants: setting<Readonly<Record<string, number>>>({
    default: Object.freeze({}),
    since: SERVICE_ORDER,
    shape: { kind: 'by-name', of: { kind: 'number', min: 0.001, max: 1_000 }, most: LIMITS.tenantWeights },
    expected: `weights by the name of the tenant, each from 0.001 to 1000, at most ${LIMITS.tenantWeights}, e.g. { acme: 3 }`,
    flag: {
      name: 'tenant',
      describe: 'Share of a tenant of the queue, e.g. acme=3 (others have 1); several separated by commas',
      expected: 'NAME=WEIGHT, weights from 0.001 to 1000, several separated by commas',
      example: 'acme=3,zoo=0.5',
      fromText: weightsFromText,
    },
    meaning:
      'weights of its tenants by name, e.g. `{ acme: 3 }`, from 0.001 to 1,000; those that are not named have 1. A change keeps the weights that it does not name; 1 takes one away',
    example: { acme: 3 },
  }),
  /** In which unit tenants share: tasks, or the time that workers spend on them. */
  fairness: setting<Fairness>({
    default: 'tasks',
    since: SERVICE_ORDER,
    shape: { kind: 'choice', of: ['tasks', 'time'] },
    expected: "'tasks' or 'time'",
    flag: {
      describe: "Unit in which its tenants share: 'tasks', or 'time' that workers spend on them",
      fromText: (text) => text,
    },
    meaning:
      "in which unit its tenants share: `'tasks'` (default), or `'time'` that workers spend on them, so that a tenant of slow tasks pays for them",
    example: 'time',
  }),
  /** At most so many tasks of each tenant out at a time; `null`: no limit. */
  maxRunningPerTenant: setting<number | null>({
    default: null,
    since: SERVICE_ORDER,
    mustUnderstand: true,
    shape: { kind: 'nullable', of: { kind: 'whole', min: 0 } },
    expected: 'a whole number from 0, or null for no limit',
    flag: {
      describe: "Maximum number of tasks of each of its tenants assigned at the same time, or 'none'",
      expected: "a whole number from 0, or 'none'",
      fromText: (text) => (text === 'none' ? null : numberFromText(text)),
    },
    meaning: 'tasks of one tenant that are out at a time, at most; `null`, the default: no limit',
    example: 20,
  }),
  /** The queue takes new tasks only while fewer of its tasks are unfinished; `null`: no bound. */
  maxPending: pendingBound({ of: 'the queue', who: 'its tasks', min: 0, example: 50_000 }),
  /** A tenant may submit to the queue only while fewer of its tasks are unfinished there; `null`: no bound. */
  maxPendingPerTenant: pendingBound({
    of: 'each of its tenants',
    who: "the tenant's tasks in the queue",
    min: 1,
    example: 5_000,
  }),
  /** The queue goes first, whatever its priority, while it has had less than this part of the last hand-outs. */
  minShare: setting<number>({
    default: 0,
    since: SERVICE_ORDER,
    shape: { kind: 'number', min: 0, max: 1 },
    expected: 'a number from 0 to 1',
    flag: {
      describe: 'Part of all tasks that it is given at least, whatever its priority, e.g. 5%',
      expected: 'a percentage from 0% to 100%, or a number from 0 to 1',
      example: '5%',
      fromText: partFromText,
    },
    meaning:
      'from 0 to 1: the queue goes first, whatever its priority, while it has had less than this part of the last 1,000 tasks that were handed out; default 0',
    example: 0.05,
  }),
  /** Owns the queue: accounts share resources. */
  account: setting<string>({
    default: DEFAULT_ACCOUNT,
    since: PLACEMENT,
    mustUnderstand: true,
    shape: { kind: 'name', of: 'queue' },
    expected: 'the name of an account',
    flag: { describe: 'Account that owns it: accounts share the resources of the workers', fromText: (text) => text },
    meaning:
      'the account that owns it: accounts share resources ([resources](../../docs/resources.md)); default `default`',
    example: 'search',
  }),
  /** Its tasks go to the workers of this pool; `null`: to any that is not dedicated to other accounts. */
  pool: setting<string | null>({
    default: null,
    since: PLACEMENT,
    mustUnderstand: true,
    shape: { kind: 'nullable', of: { kind: 'name', of: 'queue' } },
    expected: 'the name of a pool, or null for any',
    flag: {
      describe: "Pool whose workers run its tasks, or 'none' for any",
      expected: "the name of a pool, or 'none'",
      fromText: (text) => (text === 'none' ? null : text),
    },
    meaning: 'the pool whose workers run its tasks; `null`, the default: any that is not dedicated to other accounts',
    example: 'batch',
  }),
  /** Of tasks that say nothing of resources; `null`: one slot. */
  resources: setting<Amounts | null>({
    default: null,
    since: PLACEMENT,
    mustUnderstand: true,
    shape: { kind: 'nullable', of: AMOUNTS_SHAPE },
    expected: 'amounts of resources in thousandths or bytes, or null for none',
    flag: {
      describe: "Resources of its tasks that name none, e.g. cpu=0.5,memory=256MiB, or 'none'",
      expected: "amounts such as cpu=0.5,memory=256MiB, or 'none'",
      example: 'cpu=0.5,memory=256MiB',
      fromText: (text) => (text === 'none' ? null : parseDemand('resources', text)),
    },
    meaning:
      'resources of its tasks that name none themselves, as records hold them: thousandths, and bytes of memory and disk; `null`, the default: one slot',
    example: { cpu: 500, memory: 268_435_456 },
  }),
  /** Of tasks that have none themselves; `null`: none. */
  where: setting<Where | null>({
    default: null,
    since: PLACEMENT,
    mustUnderstand: true,
    shape: { kind: 'nullable', of: WHERE_SHAPE },
    expected: 'conditions on labels as records hold them, or null for none',
    flag: {
      describe: "Conditions on labels of the worker of its tasks that have none, e.g. 'zone=a,!gpu', or 'none'",
      expected: "conditions such as zone=a,!gpu, or 'none'",
      example: 'zone=a,!gpu',
      fromText: (text) => (text === 'none' ? null : parseConditions('where', text)),
    },
    meaning: 'conditions on labels of the worker, of its tasks that have none themselves; `null`, the default: none',
    example: [{ label: 'zone', op: 'in', values: ['a'] }],
  }),
  /** Its tasks may be interrupted for those that go before them. */
  preemptible: setting<boolean>({
    default: false,
    since: PLACEMENT,
    shape: { kind: 'flag' },
    expected: 'true or false',
    flag: { describe: 'Its tasks may be interrupted for those that go before them', fromText: flagFromText },
    meaning: 'its tasks may be interrupted for those that go before them, and run again; default false',
    example: true,
  }),
  /** For each of its tasks that fails for good the leader starts a task; `null`: it starts none. */
  onDead: setting<OnDead | null>({
    default: null,
    since: ON_DEAD,
    mustUnderstand: true,
    shape: {
      kind: 'nullable',
      of: {
        kind: 'fields',
        fields: { type: { kind: 'name', of: 'type' }, queue: { kind: 'optional', of: { kind: 'name', of: 'queue' } } },
      },
    },
    expected: "{ type: 'TYPE', queue: 'QUEUE' }, without queue for the same queue, or null for none",
    flag: {
      describe: "Type of the task that is started for each task that fails for good: TYPE, TYPE,queue=Q, or 'none'",
      expected: "TYPE or TYPE,queue=QUEUE, or 'none'",
      example: 'page-somebody,queue=alerts',
      fromText: onDeadFromText,
    },
    meaning:
      'for each task that fails for good a task of `type` is started, in `queue` or else in the same queue, and told which one it was ([dead letters](../../docs/dead-letters.md)); `null`, the default: none',
    example: { type: 'page-somebody', queue: 'alerts' },
  }),
};

interface PendingBound {
  readonly of: string;
  readonly who: string;
  readonly min: number;
  readonly example: number;
}

function pendingBound({ of, who, min, example }: PendingBound): QueueSetting<number | null> {
  return setting<number | null>({
    default: null,
    since: PENDING_BOUNDS,
    shape: { kind: 'nullable', of: { kind: 'whole', min } },
    expected: `a whole number from ${min}, or null for no bound`,
    flag: {
      describe: `Number of unfinished tasks of ${of} from which on submits are refused, or 'none'`,
      expected: `a whole number from ${min}, or 'none'`,
      fromText: (text) => (text === 'none' ? null : numberFromText(text)),
    },
    meaning: `submits are refused while so many of ${who} are unfinished; \`null\`, the default: no bound`,
    example,
  });
}

function countKept(what: string, instead: string, example: number): QueueSetting<number | null> {
  return setting<number | null>({
    default: null,
    shape: { kind: 'nullable', of: { kind: 'whole', min: 0 } },
    expected: "a whole number from 0, or null for the scheduler's",
    flag: {
      describe: `${what} of the queue that are kept, or 'default'`,
      expected: "a whole number from 0, or 'default'",
      fromText: (text) => (text === 'default' ? null : numberFromText(text)),
    },
    since: 'queue-retention',
    mustUnderstand: true,
    meaning: `${what.toLowerCase()} of the queue that are kept, beside those of others; \`null\`, the default: ${instead} of the scheduler holds`,
    example,
  });
}

function timeKept(what: string, instead: string, example: number): QueueSetting<number | null> {
  return setting<number | null>({
    default: null,
    shape: { kind: 'nullable', of: { kind: 'number', min: 0, max: LONGEST_MS } },
    expected: "milliseconds from 0 to ten years, or null for the scheduler's",
    flag: {
      describe: `Longest time that ${what.toLowerCase()} of the queue are kept, e.g. 1d, or 'default'`,
      expected: "a time such as 12h or 7d, at most ten years, or 'default'",
      fromText: (text) => (text === 'default' ? null : timeFromText(text)),
    },
    since: 'queue-retention',
    mustUnderstand: true,
    meaning: `milliseconds that ${what.toLowerCase()} of the queue are kept at most; \`null\`, the default: ${instead} of the scheduler holds`,
    example,
  });
}

/** The text itself where it is no time, so that the error shows what was given. */
function timeFromText(text: string): unknown {
  try {
    return parseDuration('', text);
  } catch {
    return text;
  }
}

/** `acme=3,zoo=0.5`. */
function weightsFromText(text: string): unknown {
  const weights = new Map<string, unknown>();
  for (const part of text.split(',')) {
    const at = part.lastIndexOf('=');
    const name = part.slice(0, at).trim();
    if (at < 0 || weights.has(name)) return text;
    weights.set(name, numberFromText(part.slice(at + 1)));
  }
  return Object.fromEntries(weights);
}

/** `page-somebody`, `page-somebody,queue=alerts`, `none`. */
function onDeadFromText(text: string): unknown {
  if (text === 'none') return null;
  const [type, queue, ...more] = text.split(',').map((part) => part.trim());
  if (queue === undefined) return { type };
  return queue.startsWith('queue=') && more.length === 0 ? { type, queue: queue.slice('queue='.length) } : text;
}

/** `5%` is 0.05. */
function partFromText(text: string): unknown {
  if (!text.endsWith('%')) return numberFromText(text);
  const percent = numberFromText(text.slice(0, -1));
  return typeof percent === 'number' ? percent / 100 : text;
}

type Table = typeof QUEUE_SETTINGS;
export type QueueSettingName = keyof Table;
export type QueueSettings = { [Name in QueueSettingName]: Table[Name]['default'] };

export const QUEUE_SETTING_NAMES = Object.keys(QUEUE_SETTINGS) as readonly QueueSettingName[];

/** Of a queue that has none of its own. */
export const DEFAULT_QUEUE_SETTINGS = Object.freeze(
  Object.fromEntries(QUEUE_SETTING_NAMES.map((name) => [name, QUEUE_SETTINGS[name].default])),
) as Readonly<QueueSettings>;

export function isQueueSetting(name: QueueSettingName, value: unknown): boolean {
  return fits(QUEUE_SETTINGS[name].shape, value);
}

/** The settings alone, of a record that holds more. */
export function queueSettingsOf(record: Readonly<QueueSettings>): QueueSettings {
  return Object.fromEntries(QUEUE_SETTING_NAMES.map((name) => [name, record[name]])) as unknown as QueueSettings;
}

/** Whether the value says what no value says. */
export function isDefaultSetting<Name extends QueueSettingName>(name: Name, value: QueueSettings[Name]): boolean {
  return QUEUE_SETTINGS[name].shape.kind === 'by-name'
    ? Object.keys(value as object).length === 0
    : value === QUEUE_SETTINGS[name].default;
}

/**
 * A record's settings: those that earlier releases do not know only where they are not the default, and what they
 * need.
 */
export function writtenSettings(settings: Readonly<QueueSettings>): Partial<QueueSettings> & { needs?: string[] } {
  const written = QUEUE_SETTING_NAMES.filter(
    (name) => sinceOf(name) === undefined || !isDefaultSetting(name, settings[name]),
  );
  const needs = featuresOfSettings(written.filter((name) => entryOf(name).mustUnderstand === true));
  const fields = Object.fromEntries(written.map((name) => [name, settings[name]]));
  return { ...fields, ...(needs.length === 0 ? {} : { needs }) };
}

/** Features that a leader must understand to change these settings. */
export function featuresOfSettings(names: readonly QueueSettingName[]): string[] {
  return [...new Set(names.map(sinceOf).filter((feature) => feature !== undefined))];
}

const entryOf = (name: QueueSettingName): QueueSetting<unknown> => QUEUE_SETTINGS[name];
const sinceOf = (name: QueueSettingName): string | undefined => entryOf(name).since;

/** Those that are not `undefined`. */
export function givenSettings(change: {
  readonly [Name in QueueSettingName]?: QueueSettings[Name] | undefined;
}): Partial<QueueSettings> {
  return Object.fromEntries(
    QUEUE_SETTING_NAMES.flatMap((name) => (change[name] === undefined ? [] : [[name, change[name]]])),
  );
}

/** The settings after a change. Weights of tenants that it does not name stay; a weight of 1 is not written down. */
export function changedQueueSettings(
  before: Readonly<QueueSettings>,
  change: Parameters<typeof givenSettings>[0],
): QueueSettings {
  const given = givenSettings(change);
  const after = { ...queueSettingsOf(before), ...given };
  if (given.tenants === undefined) return after;
  const weights = Object.entries({ ...before.tenants, ...given.tenants }).filter(([, weight]) => weight !== 1);
  return { ...after, tenants: Object.fromEntries(weights) };
}
