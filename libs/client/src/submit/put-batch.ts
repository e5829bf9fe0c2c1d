import { createHash } from 'node:crypto';
import {
  checkOptions,
  InvalidArgumentError,
  isBatchId,
  LIMITS,
  localBatch,
  parseTaskId,
  RecordError,
  taskId,
  type BatchId,
  type BatchObserver,
  type TaskId,
} from '@drover/core';
import type { Metrics } from '@drover/observability';
import {
  batchPath,
  decodeBatchHeader,
  decodeRecord,
  encodeBatch,
  requestKeyPath,
  type TracedTasks,
} from '@drover/protocol';
import type { Runtime } from '@drover/runtime';
import { isZooKeeperError, nullOn, type ZooKeeper } from '@drover/zookeeper';
import { withHandle } from '../again.js';
import type { Connection } from '../connection.js';
import { BatchConflictError, KeyTakenError, ServerLimitError } from '../errors.js';
import { tellObservers, type ClientInterceptors, type InterceptedTask } from '../intercept/interceptors.js';
import type { DeclaredLimits } from '../limits/declared.js';
import type { PayloadSchemas, SubmitOptions, TaskInput } from '../options.js';
import { groupsOf } from './batch-builder.js';
import { BatchWrite } from './batch-write.js';
import { checkInput, INPUT_NAMES } from './bulk.js';
import type { Intake } from './intake.js';
import { prepare, type PreparedTask } from './prepare.js';
import { checkSignal, OptionsResolver, type HandlerDefaults } from './task-options.js';

export interface PutBatchOptions {
  /** Options that tasks do not have themselves. */
  defaults?: SubmitOptions | undefined;
  /**
   * A fingerprint of the request, by which a repeated one is told from another one: text of 64 characters at most. Default: one of
   * the tasks.
   */
  request?: string | undefined;
  /**
   * A key of the request, of 256 characters at most: while a batch with it is kept, that batch is the one, whatever `id` is.
   * Costs a znode; for callers that cannot choose the same `id` again.
   */
  requestKey?: string | undefined;
  /**
   * The id, or the key, under which an earlier request of the same fingerprint may have put it. It is looked up first, which
   * costs a read.
   */
  earlier?: { readonly id?: BatchId; readonly requestKey?: string } | undefined;
  /** Stops trying with the signal's reason: the batch may be there, or not. */
  signal?: AbortSignal | undefined;
}

export interface PutBatchReply {
  /** With a `requestKey` perhaps of an earlier request. */
  id: BatchId;
  tasks: TaskId[];
  /** False: it was there already. */
  created: boolean;
}

export interface PutBatchContext {
  connection: Connection;
  runtime: Runtime;
  metrics: Metrics;
  intake: Intake;
  declared: DeclaredLimits;
  schemas: PayloadSchemas;
  ofHandlers: HandlerDefaults;
  /** The submitter's name. */
  client: string;
  /** `null`: there are none. */
  interceptors: ClientInterceptors | null;
}

/**
 * Submits tasks as the batch that the caller names, all or none.
 *
 * The create of the batch is the check: of any number of equal requests at the same time ZooKeeper lets one create it, and each
 * other finds it. All read what is there and compare the fingerprints, and so does a request whose own reply was lost: it
 * cannot tell its batch from that of another one, and need not. A key of the request is created in the same transaction, and
 * the leader removes it in the transaction that removes the batch: so there are both or none. A request that finds the key, and
 * then no batch, has met the removal between its two looks, and tries again.
 *
 * A batch that is there answers also while new tasks are refused.
 */
export async function putBatch(
  id: BatchId,
  tasks: Iterable<TaskInput>,
  options: PutBatchOptions,
  context: PutBatchContext,
): Promise<PutBatchReply> {
  const put = await checkedPut(id, tasks, options, context);
  const { connection, runtime, metrics } = context;
  const refusal = await refusalOf(put.tasks, context);
  const { client } = context;
  const { traces, observers } = intercepted(put, context);
  const named = { request: put.request, ...(put.requestKey !== undefined && { requestKey: put.requestKey }) };
  const origin = { queue: put.queue, client, at: runtime.now(), ...(traces === null ? {} : { traces }) };
  const write = new BatchWrite(id, put.tasks, origin, named);
  const act = async (zk: ZooKeeper): Promise<PutBatchReply | null> =>
    (await find(zk, put.earlier, put)) ?? (refusal === null ? create(zk, write, put) : find(zk, put, put));
  const repeated = async (): Promise<PutBatchReply> => {
    for (;;) {
      const reply = await withHandle(connection.writer, runtime, act, options.signal);
      if (reply?.created === true) metrics.count('drover_submitted_tasks_total', {}, reply.tasks.length);
      if (reply !== null) return reply;
      if (refusal !== null) throw refusal;
      options.signal?.throwIfAborted();
    }
  };
  return told(observers, repeated());
}

const NOTHING = { traces: null, observers: [] } as const;

/**
 * The batch of an earlier request keeps its own traces; those of the repeated request go nowhere. Throws
 * what interceptors throw.
 */
function intercepted(
  { id, queue, tasks }: CheckedPut,
  { interceptors }: PutBatchContext,
): { traces: TracedTasks[] | null; observers: readonly BatchObserver[] } {
  if (interceptors === null) return NOTHING;
  const entries = tasks.map((task): InterceptedTask => ({ ...task }));
  for (const entry of entries) interceptors.submitting(queue, entry);
  return interceptors.writing({ id, queue, entries });
}

/** Observers hear of tasks that an earlier request had written as of taken ones. */
async function told(observers: readonly BatchObserver[], writing: Promise<PutBatchReply>): Promise<PutBatchReply> {
  try {
    const reply = await writing;
    tellObservers(observers, (observer) => observer.written?.(reply.created ? 0 : reply.tasks.length));
    return reply;
  } catch (error) {
    tellObservers(observers, (observer) => observer.failed?.(error));
    throw error;
  }
}

interface CheckedPut {
  id: BatchId;
  queue: string;
  tasks: readonly PreparedTask[];
  request: string;
  requestKey: string | undefined;
  earlier: Place;
}

/** A place at which a batch may be. */
interface Place {
  id?: BatchId | undefined;
  requestKey?: string | undefined;
}

const NAMES = ['defaults', 'request', 'requestKey', 'earlier', 'signal'];
const LONGEST = { request: 64, requestKey: 256 } as const;

async function checkedPut(
  id: unknown,
  inputs: Iterable<TaskInput>,
  options: PutBatchOptions,
  { schemas, ofHandlers }: PutBatchContext,
): Promise<CheckedPut> {
  checkOptions(options, NAMES);
  checkSignal(options.signal);
  if (typeof id !== 'string' || localBatch(id) === null || !isBatchId(id))
    throw new InvalidArgumentError('id', id, 'a ULID in capital letters, such as 01JD3V8R2MZ6K4Q7T9XBYC5HNA');
  const resolver = new OptionsResolver(options.defaults, ofHandlers);
  const tasks: PreparedTask[] = [];
  for (const input of inputs) {
    checkInput(input);
    const given = { type: input.type, payload: input.payload, options: input };
    tasks.push(await prepare(given, { resolver, schemas, names: INPUT_NAMES }));
  }
  const queue = checkTogether(tasks);
  const requestKey = checkText('requestKey', options.requestKey);
  return {
    ...{ id, queue, tasks },
    request: checkText('request', options.request) ?? fingerprintOf(queue, tasks),
    requestKey: nodeOf(requestKey),
    earlier: { id: options.earlier?.id, requestKey: nodeOf(checkText('requestKey', options.earlier?.requestKey)) },
  };
}

const nodeOf = (requestKey: string | undefined): string | undefined =>
  requestKey === undefined ? undefined : hashOf(requestKey).slice(0, 40);

/** The queue of all of them. */
function checkTogether(tasks: readonly PreparedTask[]): string {
  const [first] = tasks;
  if (first === undefined || tasks.length > LIMITS.batchTasks)
    throw new InvalidArgumentError('tasks', `${tasks.length} tasks`, `1 to ${LIMITS.batchTasks} tasks`);
  const other = tasks.find(({ queue }) => queue !== first.queue);
  if (other !== undefined)
    throw new InvalidArgumentError('tasks', `the queues ${first.queue} and ${other.queue}`, 'tasks of one queue');
  const keys = tasks.flatMap(({ options }) => (options.key === null ? [] : [options.key]));
  const twice = keys.find((key, at) => keys.indexOf(key) !== at);
  if (twice !== undefined) throw new InvalidArgumentError('tasks', `the key '${twice}' twice`, 'each key once');
  return first.queue;
}

function checkText(name: keyof typeof LONGEST, given: unknown): string | undefined {
  if (given === undefined) return undefined;
  if (typeof given === 'string' && given !== '' && given.length <= LONGEST[name]) return given;
  throw new InvalidArgumentError(name, given, `a text of 1 to ${LONGEST[name]} characters`);
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Options that have their defaults are not in it, so that it stays the same when a release adds an option. */
function fingerprintOf(queue: string, tasks: readonly PreparedTask[]): string {
  const header = { queue, count: tasks.length, groups: groupsOf(tasks), at: 0, client: '-' };
  const payloads = tasks.map(({ payload }) => payload);
  return hashOf(encodeBatch(header, payloads)).slice(0, 16);
}

/** Why new tasks like these are refused now; `null`: they are accepted. */
async function refusalOf(tasks: readonly PreparedTask[], { intake, declared }: PutBatchContext): Promise<Error | null> {
  for (const { options } of tasks) {
    const { limits } = options;
    const problem = limits === null || declared.admits(limits) ? null : await declared.problemOf(limits);
    if (problem !== null) return problem;
  }
  await intake.known();
  if (intake.refusal !== null) return intake.refusal;
  for (const { queue, options } of tasks) {
    const refused = intake.full?.refusal(queue, options.tenant) ?? null;
    if (refused !== null) return refused;
  }
  return null;
}

/** `null`: what was in the way is gone meanwhile. Throws `BatchConflictError`, `KeyTakenError` and `ServerLimitError`. */
async function create(zk: ZooKeeper, write: BatchWrite, put: CheckedPut): Promise<PutBatchReply | null> {
  try {
    await write.create(zk);
    return { id: put.id, tasks: idsOf(put.id, put.tasks.length), created: true };
  } catch (error) {
    if (isZooKeeperError(error, 'REQUEST_TOO_LARGE')) return foundOrTooLarge(zk, put, error);
    if (!isZooKeeperError(error, 'NODE_EXISTS')) throw error;
    const at = error.failedIndex ?? 0;
    if (at === 0) return foundBatch(zk, put.id, put);
    if (at === 1 && put.requestKey !== undefined) return foundByKey(zk, put.requestKey, put);
    const [taken] = await write.takenKeys(zk);
    if (taken === undefined) return null;
    const [index, holder] = taken;
    if ('error' in holder) throw holder.error;
    throw new KeyTakenError(put.tasks[index]?.options.key ?? '', holder.task);
  }
}

/** A server that takes no request of this size closes the connection: the outcome of the last one may be unknown. */
async function foundOrTooLarge(
  zk: ZooKeeper,
  put: CheckedPut,
  cause: Error & { requestBytes?: number | undefined },
): Promise<PutBatchReply> {
  const found = await foundBatch(zk, put.id, put);
  if (found !== null) return found;
  const bytes = put.tasks.reduce((sum, task) => sum + task.bytes, 0);
  throw new ServerLimitError(put.tasks[0]?.options.type ?? '', cause.requestBytes ?? bytes, { cause });
}

/** The batch of an earlier request; `null`: there is none. */
async function find(zk: ZooKeeper, { id, requestKey }: Place, put: CheckedPut): Promise<PutBatchReply | null> {
  const byId = id === undefined ? null : await foundBatch(zk, id, put);
  return byId ?? (requestKey === undefined ? null : foundByKey(zk, requestKey, put));
}

async function foundByKey(zk: ZooKeeper, requestKey: string, put: CheckedPut): Promise<PutBatchReply | null> {
  const path = requestKeyPath(requestKey);
  const znode = await nullOn(zk.get(path), 'NO_NODE');
  if (znode === null) return null;
  const place = parseTaskId(decodeRecord('key', path, znode.data).task);
  if (place === null) throw new RecordError(path, 'it names no task');
  const found = await foundBatch(zk, place.batch, put);
  if (found !== null || (await nullOn(zk.get(path), 'NO_NODE')) === null) return found;
  throw new RecordError(path, `its batch ${place.batch} is gone: somebody removed it by hand; use another key`);
}

/** `null`: there is none. */
async function foundBatch(zk: ZooKeeper, id: BatchId, { request }: CheckedPut): Promise<PutBatchReply | null> {
  const path = batchPath(id);
  const znode = await nullOn(zk.get(path), 'NO_NODE');
  if (znode === null) return null;
  const header = decodeBatchHeader(path, znode.data);
  if (header.request !== request) throw new BatchConflictError(id);
  return { id, tasks: idsOf(id, header.count), created: false };
}

const idsOf = (id: BatchId, count: number): TaskId[] => Array.from({ length: count }, (_, index) => taskId(id, index));
