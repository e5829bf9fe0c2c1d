import {
  BatchConflictError,
  KeyTakenError,
  taskChecker,
  type CheckedTask,
  type SubmitOptions,
  type TaskInput,
} from '@drover/client';
import { batchIds, parseTaskId, type BatchId, type TaskId } from '@drover/core';
import type { ApiContext } from '../api-context.js';
import { ApiError } from '../api-error.js';
import { apiErrorOf } from '../errors-of-client.js';
import { fingerprintOf, partId, requestKeyOf, type RequestKey } from '../submit/idempotency.decide.js';
import { partition } from '../submit/partition.decide.js';
import { submitLines } from '../submit/submit-lines.js';
import { mustSee, mustSeeAfter, param, preferredWait, written } from './asked.js';
import type { Answer, Asked, Handlers } from './handler.js';
import { endedOf, endingWithin, shown } from './results.js';

/** Submits: a task, a batch, a batch under an id of the caller, a stream of lines. */
export const submitHandlers: Handlers = {
  submitTask: (asked, context) => {
    const ms = preferredWait(asked);
    // The place is taken before anything is submitted, so that a refusal means that nothing was.
    return ms === 0 ? submitTask(asked, context, 0) : context.waits.waiting(() => submitTask(asked, context, ms));
  },
  submitBatch: async (asked, context) =>
    isStream(asked.body) ? submitStream(asked, asked.body, context) : submitBatch(asked, context),
  putBatch,
};

/** A task that is durable. */
interface Placed {
  readonly id: TaskId;
  readonly deduplicated: boolean;
  /** An earlier request with the same key had submitted it. */
  readonly isReplay: boolean;
}

async function submitTask(asked: Asked, context: ApiContext, waitMs: number): Promise<Answer> {
  const task = asked.body as TaskInput;
  const [checked] = await checkTasks([task], undefined, asked, context);
  const key = keyOf(asked, context);
  const placed = await written(context, (signal) =>
    key === null ? submitPlain(task, context) : submitKeyed(task, { asked, context, key, signal }),
  );
  const { id, deduplicated } = placed;
  const said = { id, batch: batchOf(id), deduplicated };
  const headers: Record<string, string> = { ...REPLAY[String(placed.isReplay) as 'true' | 'false'] };
  if (waitMs > 0) {
    headers['Preference-Applied'] = `wait=${waitMs / 1_000}`;
    const ending = await endingWithin(context.drover, id, { ms: waitMs, signal: asked.signal });
    if (ending === null) return { status: 202, json: said, headers };
    const { state, result, error } = shown(endedOf(id, ending), context);
    const told = { ...(result === undefined ? {} : { result }), ...(error === undefined ? {} : { error }) };
    return { status: 200, json: { ...said, state, ...told }, headers };
  }
  if (deduplicated || placed.isReplay) return { status: 200, json: said, headers };
  return { status: 201, json: { ...said, state: checked?.later === true ? 'scheduled' : 'pending' }, headers };
}

const REPLAY = { true: { 'Idempotent-Replay': 'true' }, false: {} } as const;

async function submitPlain({ type, payload, ...options }: TaskInput, { drover }: ApiContext): Promise<Placed> {
  const { id, deduplicated } = await drover.submit(type, payload, options);
  return { id, deduplicated, isReplay: false };
}

interface KeyedRequest {
  asked: Asked;
  context: ApiContext;
  key: RequestKey;
  signal: AbortSignal;
}

async function submitKeyed(task: TaskInput, request: KeyedRequest): Promise<Placed> {
  try {
    const { tasks, created } = await putPart([task], firstPart(request), request);
    return { id: tasks[0] ?? '', deduplicated: false, isReplay: !created };
  } catch (error) {
    if (error instanceof KeyTakenError) return { id: error.taskId, deduplicated: true, isReplay: false };
    throw error;
  }
}

/** One batch of a request that has a key. */
interface Part {
  id: BatchId;
  request: string;
  requestKey?: string;
  defaults?: SubmitOptions | undefined;
  earlier?: RequestKey['earlier'];
}

/** The first batch stands for the whole request: its fingerprint is that of the body. */
function firstPart({ asked, context, key }: KeyedRequest): Part {
  const request = fingerprintOf(asked.body);
  const { earlier } = key;
  const found = { request, ...(earlier === undefined ? {} : { earlier }) };
  return key.kind === 'timed' ? { id: key.id, ...found } : { id: newBatchId(context), requestKey: key.name, ...found };
}

const newBatchId = ({ runtime }: ApiContext): BatchId =>
  batchIds(
    () => runtime.now(),
    () => runtime.random(),
  )();

async function putPart(
  tasks: readonly TaskInput[],
  { id, ...part }: Part,
  { context, signal, asked: { caller } }: Pick<KeyedRequest, 'asked' | 'context' | 'signal'>,
): ReturnType<ApiContext['drover']['putBatch']> {
  try {
    return await context.drover.putBatch(id, tasks, { ...part, signal });
  } catch (error) {
    if (!(error instanceof BatchConflictError)) throw error;
    throw new ApiError(
      'idempotency-mismatch',
      `the Idempotency-Key was used for another request${caller.queues === null ? `, which made batch ${error.batch}` : ''}: use a new key for a new request`,
    );
  }
}

interface BatchBody {
  defaults?: SubmitOptions;
  tasks: TaskInput[];
}

async function submitBatch(asked: Asked, context: ApiContext): Promise<Answer> {
  const { tasks, defaults } = asked.body as BatchBody;
  const checked = await checkTasks(tasks, defaults, asked, context);
  const key = keyOf(asked, context);
  if (key === null) return { status: 201, json: await submitAll(tasks, defaults, context) };
  const { replies, isReplay } = await written(context, (signal) =>
    putParts({ tasks, defaults, checked }, { asked, context, key, signal }),
  );
  return { status: isReplay ? 200 : 201, json: replies, headers: REPLAY[String(isReplay) as 'true' | 'false'] };
}

interface BatchReply {
  batches: BatchId[];
  ids: TaskId[];
}

/** All are checked already, so only the system can refuse some of them. */
async function submitAll(
  tasks: readonly TaskInput[],
  defaults: SubmitOptions | undefined,
  context: ApiContext,
): Promise<BatchReply> {
  const ids: TaskId[] = [];
  try {
    await written(context, async () => {
      for await (const { id } of context.drover.submitMany(tasks, defaults)) ids.push(id);
    });
  } catch (error) {
    const known = apiErrorOf(error);
    if (known === null || ids.length === 0) throw error;
    throw new ApiError(
      known.code,
      `${ids.length} of ${tasks.length} tasks were submitted, then: ${known.message}`,
      known.data,
    );
  }
  return { batches: [...new Set(ids.map(batchOf))], ids };
}

/**
 * A request with a key becomes one batch after the other, whose ids follow from the key. The first is the check: who finds it with
 * another body writes nothing. One that breaks off is completed by whoever repeats it, for each batch is written once, whoever
 * comes. Keys of tasks are only taken where all of it is one batch: another one could be refused when the first is there.
 */
async function putParts(
  {
    tasks,
    defaults,
    checked,
  }: { tasks: readonly TaskInput[]; defaults: SubmitOptions | undefined; checked: readonly CheckedTask[] },
  request: KeyedRequest,
): Promise<{ replies: BatchReply; isReplay: boolean }> {
  const parts = partition(checked);
  if (parts.length > 1 && checked.some(({ keyed }) => keyed))
    throw new ApiError(
      'invalid-argument',
      `the tasks need ${parts.length} batches and some have keys of their own: send no Idempotency-Key with them, for their keys ` +
        'do the same, or send them as one batch (500 tasks and 64 KiB of one queue)',
      { field: 'Idempotency-Key' },
    );
  const first = { ...firstPart(request), defaults };
  const ids: TaskId[] = new Array<TaskId>(tasks.length);
  const batches: BatchId[] = [];
  let isReplay = true;
  for (const [n, indexes] of parts.entries()) {
    const { requestKey, earlier, ...rest } = first;
    const part = n === 0 ? first : { ...rest, id: partId(batches[0] ?? '', n) };
    const some = indexes.map((index) => tasks[index]).filter((task) => task !== undefined);
    const reply = await putPart(some, part, request);
    batches.push(reply.id);
    isReplay &&= !reply.created;
    indexes.forEach((index, at) => (ids[index] = reply.tasks[at] ?? ''));
  }
  return { replies: { batches, ids }, isReplay };
}

async function putBatch(asked: Asked, context: ApiContext): Promise<Answer> {
  const { tasks, defaults } = asked.body as BatchBody;
  await checkTasks(tasks, defaults, asked, context);
  const id = param(asked, 'id');
  const reply = await written(context, (signal) => context.drover.putBatch(id, tasks, { defaults, signal }));
  return { status: reply.created ? 201 : 200, json: { batches: [reply.id], ids: reply.tasks } };
}

/** Checks all of them before the first is submitted. Throws `ApiError` that names the task. */
async function checkTasks(
  tasks: readonly TaskInput[],
  defaults: SubmitOptions | undefined,
  { caller }: Asked,
  context: ApiContext,
): Promise<CheckedTask[]> {
  const check = taskChecker(defaults);
  const checked = tasks.map((task, at) => {
    try {
      const checked = check(task);
      mustSee(caller, checked.queue);
      return checked;
    } catch (error) {
      const known = apiErrorOf(error);
      if (known === null || tasks.length === 1) throw error;
      const field = typeof known.data.field === 'string' ? { field: `tasks[${at}].${known.data.field}` } : {};
      throw new ApiError(known.code, `tasks[${at}]: ${known.message}`, { ...known.data, ...field });
    }
  });
  await mustSeeAfter(caller, context, checked);
  return checked;
}

/** `null`: the request has none. */
function keyOf({ headers, caller }: Asked, { runtime }: ApiContext): RequestKey | null {
  const header = headers['idempotency-key'];
  if (header === undefined) return null;
  return requestKeyOf(
    Array.isArray(header) ? header.join(',') : header,
    `${caller.auth}\0${caller.name}`,
    runtime.now(),
  );
}

const batchOf = (id: TaskId): BatchId => parseTaskId(id)?.batch ?? '';

const isStream = (body: unknown): body is AsyncIterable<Uint8Array> =>
  typeof body === 'object' && body !== null && Symbol.asyncIterator in body;

function submitStream(asked: Asked, body: AsyncIterable<Uint8Array>, context: ApiContext): Answer {
  if (asked.headers['idempotency-key'] !== undefined)
    throw new ApiError(
      'invalid-argument',
      'a stream takes no Idempotency-Key: its answer says how far it came; give tasks a key, or send batches',
      { field: 'Idempotency-Key' },
    );
  return { status: 200, lines: submitLines(body, { context, caller: asked.caller }) };
}
