import {
  DEFAULT_TASK_OPTIONS,
  GROUP_OPTIONS,
  isLeaderDecided,
  RecordError,
  type Range,
  type TaskOptions,
} from '@drover/core';
import * as z from 'zod';
import { count, formatRecord, parseJson, parseRecord, position, ranges, utf8, version as v } from './json.js';
import { draftSchema, ofSchema, tasksOf, type DraftRecord, type OfRecord } from './flows.js';
import { partSchema, type BroadcastPart } from './broadcast-part.js';
import { fireLine, fireOf, fireSchema, type FireRecord } from './schedules.js';
import { schemaOf } from './shapes.js';
import { tracesSchema, type TracedTasks } from './traces.js';

/**
 * A batch: line 1 is the header, then one payload a line, as JSON. `groups` say in order what the tasks were submitted
 * with, so that the leader reads the header alone. When a batch is finished the leader rewrites it: `finished` holds
 * the counts, and only the payloads of the failed tasks are kept (`kept` names their indexes), so that they can be
 * retried (`attempts`: the number of each one's last attempt). `cancelled` names the tasks that were cancelled, where
 * the counts alone do not tell.
 */
export const optionSchemas = Object.fromEntries(
  GROUP_OPTIONS.map(({ field, shape, default: standard }) => [field, schemaOf(shape).default(standard)]),
) as unknown as { [Field in keyof typeof DEFAULT_TASK_OPTIONS]: z.ZodDefault<z.ZodType<TaskOptions[Field]>> };

/** Writers leave out options that equal the default; this puts them back. */
const groupSchema = z.looseObject({ type: z.string(), count: position.min(1), ...optionSchemas });

const finishedSchema = z.looseObject({ at: z.number(), succeeded: count, failed: count, cancelled: count });
export type FinishedCounts = z.output<typeof finishedSchema>;

const headerSchema = z
  .looseObject({
    v,
    queue: z.string(),
    count: position.min(1),
    groups: z.array(groupSchema).min(1),
    /** By the submitter's clock; what is due when is reckoned from the znode's `ctime`. */
    at: z.number(),
    /** The submitter, for operators. */
    client: z.string(),
    finished: finishedSchema.optional(),
    kept: z.array(position).optional(),
    attempts: z.array(count).optional(),
    cancelled: ranges.optional(),
    /** `e7-42`, set when it is finished with failed tasks: of deaths in results up to this one everybody was told. */
    settled: z.string().optional(),
    /** Tasks that are no more: dead letters that somebody purged. They count as cancelled. */
    purged: ranges.optional(),
    /** The leader made it for dead letters of that queue, one task for each. For its own dead letters it makes none. */
    deadLettersOf: z.string().optional(),
    /** Each task is a fire of a schedule: which. Such a batch needs `fires`. */
    fires: z.array(fireSchema).optional(),
    /** The places of tasks in traces; absent: none. Nobody needs them, so a value that is none counts as absent. */
    traces: tracesSchema.optional().catch(undefined),
    /** A fingerprint of the request that made it, where the caller chose its id or a key for the request. */
    request: z.string().optional(),
    /** The key of that request, as a hash: it stands in `/keys` as long as the batch is there. Such a batch needs `request-key`. */
    requestKey: z.string().optional(),
    /** Its tasks are steps of runs: which. Then it has no payloads. Such a batch needs `flows`. */
    of: z.array(ofSchema).min(1).optional(),
    /** Its tasks are items of a map, and wait until that begins. Such a batch needs `flows`. */
    draft: draftSchema.optional(),
    /** Each task is for one worker, as a part of a broadcast, which has the payload. Such a batch needs `broadcast`. */
    broadcast: partSchema.optional(),
    /** Tasks whose payload, result and errors somebody has erased. Such a batch needs `erase`. */
    erased: ranges.optional(),
  })
  .refine(({ fires, count }) => fires === undefined || fires.length === count, {
    path: ['fires'],
    message: 'are not as many as there are tasks',
  })
  .refine(({ of, count }) => of === undefined || of.reduce((sum, entry) => sum + tasksOf(entry), 0) === count, {
    path: ['of'],
    message: 'are not as many as there are tasks',
  })
  .refine(({ broadcast, count }) => broadcast === undefined || broadcast.workers.length === count, {
    path: ['broadcast'],
    message: 'has not as many workers as there are tasks',
  })
  .refine(({ groups }) => !groups.some(({ after, unique }) => after !== null && isLeaderDecided(unique)), {
    path: ['groups'],
    message: 'have after beside a unique mode by which the leader decides when they run',
  })
  .refine((header) => header.groups.reduce((sum, group) => sum + group.count, 0) === header.count, {
    path: ['count'],
    message: 'is not the sum of the groups',
  });

/** `count` consecutive tasks of a batch with the same options. */
export interface TaskGroup extends TaskOptions {
  count: number;
}
export interface BatchHeader {
  queue: string;
  count: number;
  groups: TaskGroup[];
  at: number;
  client: string;
  finished?: FinishedCounts;
  /** Indexes of the tasks whose payloads are still there, ascending; absent: all. */
  kept?: number[];
  /** Of the kept ones: the number of each one's last attempt. */
  attempts?: number[];
  /**
   * Of a finished batch: which tasks were cancelled. Absent where that follows from the counts (none were, or none
   * succeeded), and in batches that an earlier version has finished.
   */
  cancelled?: Range[];
  /** Since it was finished with failed tasks: of deaths in results up to this one everybody was told. */
  settled?: string;
  /** Tasks that are no more: dead letters that somebody purged. Absent: none. */
  purged?: Range[];
  /** The leader made it for dead letters of this queue: nothing is started for its own. Absent: it did not. */
  deadLettersOf?: string;
  /** Of a batch of fires of schedules: one for each task. */
  fires?: FireRecord[];
  /** Tasks that are traced, where the whole batch was read; absent: none are. */
  traces?: TracedTasks[];
  /** A fingerprint of the request that made the batch; absent: nobody can ask for it again. */
  request?: string;
  /** The key of that request, as `requestKeyPath` takes it. Absent: the batch's id says enough, or there is no key. */
  requestKey?: string;
  /** Steps of runs that its tasks are; there are no payloads then. Absent: none. */
  of?: OfRecord[];
  /** The map whose items its tasks are: they wait until it begins. Absent: none. */
  draft?: DraftRecord;
  /** Of a part of a broadcast: whom its tasks are for. Absent: they are for whoever offers their type. */
  broadcast?: BroadcastPart;
  /** Tasks whose payload, result and errors are erased: they do not run again. Absent: none. */
  erased?: Range[];
  /** Features without which nobody may act on the batch; absent: none. */
  needs?: string[];
}

export interface Batch {
  header: BatchHeader;
  /** The payload's JSON text; `undefined` where a finished batch no longer has it, or a broadcast has it. */
  payload(index: number): string | undefined;
}

/**
 * `payloads`: JSON texts without line breaks (as `JSON.stringify` makes them), one per task, or per `kept` index. Those of
 * a part of a broadcast are not written.
 * Throws `RecordError`.
 */
export function encodeBatch(header: BatchHeader, payloads: readonly string[]): string {
  const groups = header.groups.map(encodeGroup);
  const { fires, broadcast } = header;
  const named = {
    ...(fires !== undefined && { fires: fires.map(fireLine) }),
    ...(broadcast?.fire !== undefined && { broadcast: { ...broadcast, fire: fireLine(broadcast.fire) } }),
  };
  const first = formatRecord('the header of a batch', { ...header, groups, ...named }, headerSchema);
  if (broadcast !== undefined) return first;
  const expected = payloadCount(header);
  if (payloads.length !== expected)
    throw new RecordError('a batch cannot be written', `${payloads.length} payloads, the header says ${expected}`);
  return [first, ...payloads].join('\n');
}

/**
 * The tasks whose payloads stand below the header, in their order. Those of steps do not, for their worker makes them, nor do those of a broadcast, which has them. Those of
 * items of a map all stay, for the map may be retried.
 */
export function payloadsOf(header: BatchHeader): readonly number[] {
  if (header.of !== undefined || header.broadcast !== undefined) return [];
  return keptOnly(header) ?? Array.from({ length: header.count }, (_, index) => index);
}

/** Null: there are all of them. */
const keptOnly = ({ draft, kept }: BatchHeader): readonly number[] | null =>
  draft === undefined && kept !== undefined ? kept : null;

const payloadCount = (header: BatchHeader): number =>
  header.of !== undefined || header.broadcast !== undefined ? 0 : (keptOnly(header)?.length ?? header.count);

const DEFAULTS: Readonly<Record<string, unknown>> = DEFAULT_TASK_OPTIONS;

const encodeGroup = ({ type, count, ...rest }: TaskGroup): Record<string, unknown> =>
  withoutDefaults({ type, count }, rest);

/** The options of one task, without those that are the default. */
export const encodeOptions = ({ type, ...rest }: TaskOptions): Record<string, unknown> =>
  withoutDefaults({ type }, rest);

function withoutDefaults(encoded: Record<string, unknown>, rest: object): Record<string, unknown> {
  for (const [name, value] of Object.entries(rest)) if (value !== DEFAULTS[name]) encoded[name] = value;
  return encoded;
}

/** Reads the first line only, and leaves out traces: leaders keep headers. Throws `RecordError`. */
export function decodeBatchHeader(path: string, data: Uint8Array): BatchHeader {
  const newline = data.indexOf(10);
  const { traces: _traces, ...header } = toHeader(path, utf8.decode(newline < 0 ? data : data.subarray(0, newline)));
  return header;
}

/** Throws `RecordError`, also where lines are missing. */
export function decodeBatch(path: string, data: Uint8Array): Batch {
  const [first = '', ...lines] = utf8.decode(data).split('\n');
  const header = toHeader(path, first);
  const expected = payloadCount(header);
  if (lines.length !== expected) throw new RecordError(path, `${lines.length} payloads, the header says ${expected}`);
  const indexes = keptOnly(header);
  if (indexes === null || expected === 0) return { header, payload: (index) => lines[index] };
  const kept = new Map(indexes.map((index, line) => [index, lines[line]]));
  return { header, payload: (index) => kept.get(index) };
}

function toHeader(path: string, line: string): BatchHeader {
  const {
    v: _v,
    finished,
    kept,
    attempts,
    cancelled,
    settled,
    purged,
    deadLettersOf,
    fires,
    traces,
    request,
    requestKey,
    erased,
    of,
    draft,
    broadcast,
    ...rest
  } = parseRecord(path, line, headerSchema);
  return {
    ...rest,
    ...(finished === undefined ? {} : { finished }),
    ...(kept === undefined ? {} : { kept }),
    ...(attempts === undefined ? {} : { attempts }),
    ...(cancelled === undefined ? {} : { cancelled }),
    ...(settled === undefined ? {} : { settled }),
    ...(purged === undefined ? {} : { purged }),
    ...(deadLettersOf === undefined ? {} : { deadLettersOf }),
    ...(fires === undefined ? {} : { fires: fires.map(fireOf) }),
    ...(traces === undefined ? {} : { traces: traces.map(tracedOf) }),
    ...(request === undefined ? {} : { request }),
    ...(requestKey === undefined ? {} : { requestKey }),
    ...(erased === undefined ? {} : { erased }),
    ...(of === undefined ? {} : { of }),
    ...(draft === undefined ? {} : { draft }),
    ...(broadcast === undefined ? {} : { broadcast: partOf(broadcast) }),
  };
}

function partOf({ id, workers, until, skipDraining, fire }: z.output<typeof partSchema>): BroadcastPart {
  const fired = fire === undefined ? {} : { fire: fireOf(fire) };
  return { id, workers, until, ...(skipDraining && { skipDraining }), ...fired };
}

function tracedOf({ tasks, traceparent, tracestate }: z.output<typeof tracesSchema>[number]): TracedTasks {
  return tracestate === undefined ? { tasks, traceparent } : { tasks, traceparent, tracestate };
}

/**
 * The readable part of the header of a batch whose features this program does not understand: for showing, as far as
 * it goes.
 */
export function describeUnread(data: Uint8Array): { queue: string; client: string; count: number } {
  const newline = data.indexOf(10);
  const text = utf8.decode(newline < 0 ? data : data.subarray(0, newline));
  return unreadSchema.parse(parseJson('', text));
}

const unreadSchema = z.looseObject({
  queue: z.string().catch('?'),
  client: z.string().catch('?'),
  count: position.min(1).catch(1),
});

/** Options of the task at `index`. Throws `RangeError` past the end. */
export function optionsAt(groups: readonly TaskGroup[], index: number): TaskGroup {
  let end = 0;
  for (const group of groups) {
    end += group.count;
    if (index < end) return group;
  }
  throw new RangeError(`index ${index} of a batch of ${end} tasks`);
}
