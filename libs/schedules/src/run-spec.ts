import {
  BROADCAST_OPTION_NAMES,
  checkOptions,
  InvalidArgumentError,
  parseBroadcast,
  parseDuration,
  parseName,
  parseTask,
  TASK_OPTIONS,
  TASK_OPTION_NAMES,
  type BroadcastOptions,
  type BroadcastSpec,
  type TaskOptionName,
  type TaskOptions,
} from '@drover/core';
import { startsIn } from '@drover/protocol';
import { inside, isNone, parsePayload } from './parse-fields.js';

/** The task that each fire makes: its type, its payload, and what a submit may say too, in the form that is stored. */
export type TaskRunSpec = { type: string; payload?: unknown } & Partial<Record<TaskOptionName, unknown>>;

/** The flow of which each fire starts a run. `plan`: the hash of its plan; `deadline`: milliseconds. */
// eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- an interface is no record of unknown fields
export type FlowRunSpec = {
  flow: string;
  plan: string;
  input?: unknown;
  queue?: string;
  tenant?: string;
  priority?: number;
  limits?: readonly string[];
  deadline?: number;
};

/** The broadcast that each fire starts: the type of its tasks, their payload, and its options, in the form that is stored. */
export type BroadcastRunSpec = { broadcast: string; payload?: unknown } & Partial<
  Record<keyof BroadcastOptions, unknown>
>;

/** The thing that each fire starts. */
export type RunSpec = TaskRunSpec | FlowRunSpec | BroadcastRunSpec;

export const isFlowRun = (run: RunSpec): run is FlowRunSpec => startsIn(run) === 'flow';
export const isBroadcastRun = (run: RunSpec): run is BroadcastRunSpec => startsIn(run) === 'broadcast';

/** A schedule says itself when its tasks are due, and whether there may be two: with what. */
const NOT_FOR_FIRES: Readonly<Partial<Record<TaskOptionName, string>>> = {
  key: "'overlap' says whether there may be two",
  unique: "'overlap' says which of its fires run",
  delay: "'when' says when it is due",
  after: 'each of its fires would wait for the same tasks',
  afterMode: 'each of its fires would wait for the same tasks',
};
const RUN_OPTIONS = TASK_OPTION_NAMES.filter((name) => NOT_FOR_FIRES[name] === undefined);
const FLOW_OPTIONS = ['queue', 'tenant', 'priority', 'limits'] as const;
/** Those that a broadcast shares with tasks. Its `key` is another one than theirs. */
const BROADCAST_TASK_OPTIONS = RUN_OPTIONS.filter((name) =>
  (BROADCAST_OPTION_NAMES as readonly string[]).includes(name),
);
const PLAN_HASH = /^[0-9a-f]{32}$/;

/** Throws `InvalidArgumentError`. */
export function parseRun(argument: string, given: unknown): RunSpec {
  if (typeof given !== 'object' || given === null)
    throw new InvalidArgumentError(argument, given, 'an object with type, flow or broadcast: what each fire starts');
  const kinds = (['type', 'flow', 'broadcast'] as const).filter((kind) => !isNone((given as Given)[kind]));
  if (kinds.length > 1)
    throw new InvalidArgumentError(argument, kinds.join(' and '), 'one of them: a fire starts one thing');
  if (kinds[0] === 'flow') return parseFlowRun(argument, given);
  if (kinds[0] === 'broadcast') return parseBroadcastRun(argument, given);
  return parseTaskRun(argument, given);
}
type Given = Readonly<Record<string, unknown>>;

function parseTaskRun(argument: string, given: unknown): TaskRunSpec {
  refuseOptions(argument, given as object);
  checkOptions(given, ['type', 'payload', ...RUN_OPTIONS], argument);
  const { type, payload, ...options } = given as TaskRunSpec;
  const named = inside(argument, () => parseTask(type, options));
  const run: TaskRunSpec = { type: named.options.type };
  if (!isNone(payload)) run.payload = parsePayload(`${argument}.payload`, payload);
  Object.assign(run, storedOptions(argument, options, RUN_OPTIONS));
  return run;
}

function refuseOptions(argument: string, given: object): void {
  for (const name of TASK_OPTION_NAMES) {
    const instead = NOT_FOR_FIRES[name];
    if (instead === undefined || !(name in given)) continue;
    const path = `${argument}.${name}`;
    throw new InvalidArgumentError(path, `${path}: the task of a schedule has no option "${name}"; ${instead}`);
  }
}

/** Options of tasks that differ from the default, in the order of `names`. */
function storedOptions(argument: string, options: Given, names: readonly TaskOptionName[]): Given {
  const stored: Record<string, unknown> = {};
  for (const name of names) {
    const value = options[name];
    if (isNone(value)) continue;
    const { parse, default: standard } = TASK_OPTIONS[name] as { parse: Parse; default: unknown };
    const parsed = parse(`${argument}.${name}`, value);
    if (parsed !== standard) stored[name] = parsed;
  }
  return stored;
}
type Parse = (argument: string, given: unknown) => unknown;

function parseFlowRun(argument: string, given: object): FlowRunSpec {
  if ('unique' in given)
    throw new InvalidArgumentError(
      `${argument}.unique`,
      `${argument}.unique: the flow of a schedule has no option "unique"; 'overlap' says whether there may be two`,
    );
  checkOptions(given, ['flow', 'plan', 'input', 'deadline', ...FLOW_OPTIONS], argument);
  const { flow, plan, input, deadline, ...options } = given as Given;
  const run: FlowRunSpec = { flow: parseName(`${argument}.flow`, flow), plan: parsePlanHash(`${argument}.plan`, plan) };
  if (!isNone(input)) run.input = parsePayload(`${argument}.input`, input);
  Object.assign(run, storedOptions(argument, options, FLOW_OPTIONS));
  if (!isNone(deadline)) run.deadline = parseDuration(`${argument}.deadline`, deadline);
  return run;
}

function parsePlanHash(argument: string, given: unknown): string {
  if (typeof given === 'string' && PLAN_HASH.test(given)) return given;
  throw new InvalidArgumentError(argument, given, 'the hash of a plan, or the flow itself as "flow"');
}

function parseBroadcastRun(argument: string, given: object): BroadcastRunSpec {
  const { broadcast: type, payload, ...rest } = given as Given;
  const options = Object.fromEntries(Object.entries(rest).filter(([, value]) => !isNone(value)));
  const { where, joinersMs, key, skipDraining, task } = inside(argument, () => parseBroadcast(type, options));
  const run: BroadcastRunSpec = { broadcast: task.type };
  if (!isNone(payload)) run.payload = parsePayload(`${argument}.payload`, payload);
  Object.assign(run, storedOptions(argument, options, BROADCAST_TASK_OPTIONS));
  if (Object.keys(where).length > 0) run.where = sorted(where);
  if (!isNone(options.joiners)) run.joiners = joinersMs;
  if (key !== null) run.key = key;
  if (skipDraining) run.skipDraining = true;
  return run;
}

const sorted = (labels: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));

/** The queue and the options of the tasks that fires make. */
export function taskOf({ type, payload: _payload, ...options }: TaskRunSpec): { queue: string; options: TaskOptions } {
  return parseTask(type, options);
}

/** The broadcast that fires start. */
export function broadcastOf({ broadcast, payload: _payload, ...options }: BroadcastRunSpec): BroadcastSpec {
  return parseBroadcast(broadcast, options as BroadcastOptions);
}
