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
};

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

/** Those that are not `undefined`. */
export function givenSettings(change: {
  readonly [Name in QueueSettingName]?: QueueSettings[Name] | undefined;
}): Partial<QueueSettings> {
  return Object.fromEntries(
    QUEUE_SETTING_NAMES.flatMap((name) => (change[name] === undefined ? [] : [[name, change[name]]])),
  );
}
