import { checkOptions } from './check-options.js';
import { parseDuration, type Duration } from './duration.js';
import { InvalidArgumentError } from './errors.js';
import { LIMITS } from './limits.js';
import { isWellFormed } from './names.js';
import { parseKey } from './parse-key.js';
import { parseTask, type SubmitOptions, type TaskOptions } from './task-options.js';

/** Options of tasks that those of a broadcast may have. The others say when a task runs, or that there is one of it. */
const OF_TASKS = [
  'queue',
  'tenant',
  'priority',
  'maxAttempts',
  'timeout',
  'heartbeat',
  'retry',
  'limits',
] as const satisfies readonly (keyof SubmitOptions)[];

/** The options of a broadcast. Those of its tasks mean what they mean for any task. */
export interface BroadcastOptions extends Pick<SubmitOptions, (typeof OF_TASKS)[number]> {
  /** Labels that a worker must have, each with exactly this value. Default: none, all workers that offer the type. */
  where?: Readonly<Record<string, string>> | undefined;
  /**
   * For so long names that appear are given a task too, and a worker that is gone is waited for. Default: the `timeout`, 5
   * minutes at least; 30 days at most.
   */
  joiners?: Duration | undefined;
  /** A newer broadcast of the same key closes this one: who joins then is given the newest alone. Default: none. */
  key?: string | undefined;
  /** Workers that drain are given none. Default: false. */
  skipDraining?: boolean | undefined;
}

export const BROADCAST_OPTION_NAMES: readonly (keyof BroadcastOptions)[] = [
  ...OF_TASKS,
  'where',
  'joiners',
  'key',
  'skipDraining',
];

/** The same, checked. */
export interface BroadcastSpec {
  readonly queue: string;
  readonly task: TaskOptions;
  readonly where: Readonly<Record<string, string>>;
  readonly joinersMs: number;
  readonly key: string | null;
  readonly skipDraining: boolean;
}

/** How long a worker is waited for at least, if nothing else is said. */
const LEAST_JOINERS_MS = 300_000;

/** `names`: options that the caller reads itself. Throws `InvalidArgumentError`. */
export function parseBroadcast(type: unknown, options: BroadcastOptions, names: readonly string[] = []): BroadcastSpec {
  checkOptions(options, [...BROADCAST_OPTION_NAMES, ...names]);
  const ofTasks = Object.fromEntries(OF_TASKS.map((name) => [name, options[name]]));
  const { queue, options: task } = parseTask(type, ofTasks);
  const { where, joiners, key, skipDraining = false } = options;
  if (typeof skipDraining !== 'boolean') throw new InvalidArgumentError('skipDraining', skipDraining, 'true or false');
  return {
    ...{ queue, task, skipDraining },
    where: where === undefined ? {} : parseWhere('where', where),
    joinersMs: joiners === undefined ? Math.max(task.timeoutMs ?? 0, LEAST_JOINERS_MS) : parseJoiners(joiners),
    key: key === undefined ? null : parseKey('key', key),
  };
}

function parseJoiners(given: unknown): number {
  const ms = parseDuration('joiners', given);
  if (ms > 0 && ms <= LIMITS.joinersMs) return ms;
  throw new InvalidArgumentError('joiners', given, 'more than no time and 30 days at most');
}

/** Labels as `{ zone: 'a' }`. Throws `InvalidArgumentError`. */
export function parseWhere(argument: string, given: unknown): Record<string, string> {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new InvalidArgumentError(argument, given, "labels with their values, such as { zone: 'a' }");
  const labels = Object.entries(given);
  if (labels.length > LIMITS.labelsOfWhere)
    throw new InvalidArgumentError(argument, `${labels.length} labels`, `${LIMITS.labelsOfWhere} at most`);
  for (const [label, value] of labels) {
    if (label.length === 0 || label.length > LIMITS.nameLength || !isWellFormed(label))
      throw new InvalidArgumentError(argument, label, `names of labels of 1 to ${LIMITS.nameLength} characters`);
    if (typeof value !== 'string' || value.length > LIMITS.keyLength || !isWellFormed(value))
      throw new InvalidArgumentError(`${argument}.${label}`, value, `a text of ${LIMITS.keyLength} characters at most`);
  }
  return Object.fromEntries(labels as [string, string][]);
}
