import { LONGEST_MS, parseDuration } from './duration.js';
import { fits, numberFromText, type Shape } from './shapes.js';

/**
 * Everything that there is to say of one setting of a queue. The client, the records, the command line and the documents
 * draw from these entries: a new setting is an entry here, and its meaning in the planner.
 */
interface QueueSetting<Value> {
  /** Of a queue that has no settings. A queue whose settings are all as by default has no record. */
  readonly default: Value;
  readonly shape: Shape;
  /** For whoever gave something else. */
  readonly expected: string;
  /** `--name TEXT` of `drover queue`; absent: another command changes it. */
  readonly flag?: {
    readonly describe: string;
    readonly expected?: string;
    readonly fromText: (text: string) => unknown;
  };
  /**
   * Records of earlier releases do not have it, and no record has it where it is the default. A leader that does not know it
   * must leave the queue alone: whoever writes another value writes this feature with it.
   */
  readonly needs?: string;
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
  /** Finished tasks that are kept, besides those of batches that are kept for their failed ones; `null`: the scheduler's. */
  retainTasks: countKept('Finished tasks', '`--retain-tasks`', 1_000),
  /** Milliseconds that finished tasks are kept; `null`: the scheduler's. */
  retainAge: timeKept('Finished tasks', '`--retain-age`', 86_400_000),
  /** Failed tasks that are kept; `null`: the scheduler's. */
  retainDeadTasks: countKept('Failed tasks', '`--retain-dead-tasks`', 10_000),
  /** Milliseconds that failed tasks are kept; `null`: the scheduler's. */
  retainDead: timeKept('Failed tasks', '`--retain-dead`', 7 * 86_400_000),
};

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
    needs: 'queue-retention',
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
    needs: 'queue-retention',
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

const needsOf = (name: QueueSettingName): string | undefined => QUEUE_SETTINGS[name].needs;

/** What a record says of them: those that need a feature only where they are not as by default, and the features. */
export function writtenSettings(settings: Readonly<QueueSettings>): Partial<QueueSettings> & { needs?: string[] } {
  const written = QUEUE_SETTING_NAMES.filter(
    (name) => needsOf(name) === undefined || settings[name] !== QUEUE_SETTINGS[name].default,
  );
  const needs = [...new Set(written.map(needsOf).filter((feature) => feature !== undefined))];
  const fields = Object.fromEntries(written.map((name) => [name, settings[name]]));
  return { ...fields, ...(needs.length === 0 ? {} : { needs }) };
}

/** Those that are not `undefined`. */
export function givenSettings(change: {
  readonly [Name in QueueSettingName]?: QueueSettings[Name] | undefined;
}): Partial<QueueSettings> {
  return Object.fromEntries(
    QUEUE_SETTING_NAMES.flatMap((name) => (change[name] === undefined ? [] : [[name, change[name]]])),
  );
}
