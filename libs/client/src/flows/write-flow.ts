import { RecordError, UnknownLimitError, type BatchId } from '@drover/core';
import {
  encodeDraft,
  ItemGatherer,
  optionsOfItems,
  PLAN_LIMITS,
  planOperations,
  standAfter,
  type DraftOrigin,
  type Flow,
  type PlanStand,
  type PreparedRun,
} from '@drover/flow';
import {
  batchPath,
  decodeFlowHeader,
  decodeRecord,
  encodeFlow,
  encodeRecord,
  flowKeyQueue,
  flowPath,
  keyPath,
  planHash,
  planPath,
  type FlowHeader,
} from '@drover/protocol';
import type { Runtime } from '@drover/runtime';
import { isZooKeeperError, nullOn, type Operation, type ZooKeeper } from '@drover/zookeeper';
import { withHandle } from '../again.js';
import type { Connection } from '../connection.js';
import type { DeclaredLimits } from '../limits/declared.js';
import type { Intake } from '../submit/intake.js';
import { requestFields, requestOperation, startedBefore } from '../start-request.js';
import { encodePayload } from '../submit/payload.js';
import { ItemsRemovedError, TooManyItemsError } from './errors.js';
import type { CheckedStart } from './start-options.js';

export interface WriteContext {
  connection: Connection;
  runtime: Runtime;
  intake: Intake;
  declared: DeclaredLimits;
  /** The submitter's name. */
  client: string;
  newBatchId: () => BatchId;
  /** Paths of plans of which this client has started runs. */
  startedPlans: Set<string>;
}

/** Drafts of items that are being written at the same time. */
const IN_FLIGHT = 8;

/** Throws what a submit would throw now: the system is full, or a limit is not declared. */
export async function checkAdmitted({ intake, declared }: WriteContext, { limits }: CheckedStart): Promise<void> {
  await intake.known();
  if (intake.refusal !== null) throw intake.refusal;
  const problem: unknown = limits === null || declared.admits(limits) ? null : await declared.problemOf(limits);
  if (problem !== null) throw problem instanceof Error ? problem : new UnknownLimitError(String(limits), null);
}

/** The outcome of a start. `holder`: the unfinished run that has the key; `replayed`: an earlier request had started it. */
export interface Started {
  id: BatchId;
  holder: string | null;
  replayed: boolean;
}

/**
 * Writes runs of a flow: first the drafts of items that were given, last the flow, whose znode begins them. A program that dies
 * in between leaves drafts that the leader removes, the first one first: while that is there, all are. A request that may be
 * repeated draws another id each time: its key, which is created with the flow, decides which of them counts. Throws
 * `ItemsRemovedError`.
 */
export async function writeFlow(
  context: WriteContext,
  flow: Flow,
  runs: readonly PreparedRun[],
  start: CheckedStart,
  shards?: number,
): Promise<Started> {
  const id = context.newBatchId();
  const { client, runtime, connection } = context;
  const { request, asked } = start;
  if (request !== null) {
    const before = await withHandle(connection.reader, runtime, (zk) => startedBefore(zk, request, headerIn(zk)));
    if (before !== null) return { id: before, holder: null, replayed: true };
  }
  const header: FlowHeader = {
    ...{ name: flow.name, plan: planHash(flow.text), count: runs.length, at: runtime.now(), client },
    ...(start.queue !== null && { queue: start.queue }),
    ...(Object.keys(start.options).length > 0 && { options: start.options }),
    ...(start.deadlineMs !== null && { deadlineMs: start.deadlineMs }),
    ...(start.key !== null && { key: start.key }),
    ...(asked.by !== undefined && { by: asked.by }),
    ...(asked.reason !== undefined && { reason: asked.reason }),
    ...requestFields(request),
    ...timesOf(runs),
  };
  const inputs = runs.map(({ input }) => encodePayload(flow.name, input).json);
  const { maps, first } = await writeItems(context, flow, id, runs, header, shards);
  const data = encodeFlow({ ...header, ...(maps.length > 0 && { maps }) }, inputs);
  return create(context, flow, { id, data, draft: first }, start);
}

/** The header of a flow; null: it is gone. */
const headerIn =
  (zk: ZooKeeper) =>
  async (id: BatchId): Promise<FlowHeader | null> => {
    const znode = await nullOn(zk.get(flowPath(id)), 'NO_NODE');
    return znode === null ? null : decodeFlowHeader(flowPath(id), znode.data);
  };

function timesOf(runs: readonly PreparedRun[]): { times?: Record<string, number[]> } {
  const steps = [...(runs[0]?.times.keys() ?? [])];
  if (steps.length === 0) return {};
  return { times: Object.fromEntries(steps.map((step) => [step, runs.map(({ times }) => times.get(step) ?? 0)])) };
}

async function writeItems(
  context: WriteContext,
  flow: Flow,
  id: BatchId,
  runs: readonly PreparedRun[],
  header: FlowHeader,
  shards: number | undefined,
): Promise<{ maps: [string, number, number][]; first: string | null }> {
  const maps: [string, number, number][] = [];
  let first: string | null = null;
  for (const [run, { items }] of runs.entries())
    for (const [step, list] of items) {
      const origin = {
        ...optionsOfItems(flow.plan, step, header, { flow: id, run }),
        client: header.client,
        at: header.at,
      };
      const count = await writeDrafts(
        context,
        { flow: id, run, step, ...(shards !== undefined && { shards }) },
        list,
        origin,
        (path) => (first ??= path),
      );
      maps.push([step, run, count]);
    }
  return { maps, first };
}

/**
 * Writes items of a map as drafts, reading them as fast as ZooKeeper takes them. Returns how many there were. `writing`: told
 * of the path of each draft.
 */
export async function writeDrafts(
  context: WriteContext,
  draft: { flow: BatchId; run: number; step: string; shards?: number },
  items: Iterable<unknown> | AsyncIterable<unknown>,
  origin: DraftOrigin,
  writing: (path: string) => void = () => undefined,
): Promise<number> {
  const gatherer = new ItemGatherer();
  const flying = new Set<Promise<void>>();
  const write = async (full: { from: number; items: string[] } | null): Promise<void> => {
    if (full === null) return;
    if (flying.size >= IN_FLIGHT) await Promise.race(flying);
    const data = encodeDraft({ ...draft, from: full.from }, full.items, origin);
    const path = batchPath(context.newBatchId());
    writing(path);
    const written = withHandle(context.connection.writer, context.runtime, (zk) =>
      nullOn(zk.create(path, data), 'NODE_EXISTS'),
    ).then(() => void flying.delete(written));
    written.catch(() => undefined);
    flying.add(written);
  };
  for await (const item of items) {
    if (gatherer.count >= PLAN_LIMITS.items) throw new TooManyItemsError(draft.step, PLAN_LIMITS.items);
    const { json, bytes } = encodePayload(origin.options.type, item);
    await write(gatherer.add(json, bytes));
  }
  const { count } = gatherer;
  await write(gatherer.take());
  await Promise.all(flying);
  return count;
}

interface NewFlow {
  id: BatchId;
  data: string;
  /** Path of the first draft of its items: while that is there, all are. Null: nobody gave any. */
  draft: string | null;
}

/** Creates the flow with its plan, if that is not there, its key, and that of the request. */
function create(
  context: WriteContext,
  flow: Flow,
  { id, data, draft }: NewFlow,
  { key, request }: CheckedStart,
): Promise<Started> {
  const plan = { path: planPath(planHash(flow.text)), data: flow.text };
  // Most flows are started more than once.
  let stand: PlanStand = context.startedPlans.has(plan.path) ? 'there' : 'missing';
  const queue = flowKeyQueue(flow.name);
  const operations = (): Operation[] => [
    { op: 'create', path: flowPath(id), data },
    ...planOperations(stand, plan),
    ...(key === null
      ? []
      : [
          {
            op: 'create' as const,
            path: keyPath(queue, key),
            data: encodeRecord('key', { task: `${id}.0`, queue, key }),
          },
        ]),
    ...(request === null ? [] : [requestOperation(request, id)]),
    ...(draft === null ? [] : [{ op: 'check' as const, path: draft, version: 'any' as const }]),
  ];
  const created = { id, holder: null, replayed: false };
  return withHandle(context.connection.writer, context.runtime, async (zk) => {
    for (;;) {
      const tried = operations();
      const refused = await zk.multi(tried).then(
        () => null,
        (error: unknown) => refusalOf(error, tried),
      );
      if (refused === null || refused.failedIndex === 0) {
        remember(context.startedPlans, plan.path);
        return created;
      }
      const { code, failedIndex } = refused;
      const { path, op } = tried[failedIndex] ?? {};
      if (path === plan.path) {
        stand = standAfter(code);
        continue;
      }
      if (op === 'check') throw new ItemsRemovedError(flow.name);
      // The same request comes before another one that has the key.
      const before = request === null ? null : await startedBefore(zk, request, headerIn(zk));
      if (before !== null) return { id: before, holder: null, replayed: true };
      const holder = key === null ? null : await holderOf(zk, queue, key);
      if (holder !== null) return { ...created, holder };
    }
  });
}

const MOST_PLANS = 1_000;

function remember(plans: Set<string>, path: string): void {
  if (plans.size >= MOST_PLANS) plans.clear();
  plans.add(path);
}

/**
 * The operation that found a znode, did not find it, or found it condemned, for which another try is made; 0: the flow's own is
 * there, by an earlier try. Throws the rest, such as a directory that is missing.
 */
function refusalOf(error: unknown, operations: readonly Operation[]): { code: string; failedIndex: number } {
  if (!isZooKeeperError(error, 'NODE_EXISTS', 'NO_NODE', 'BAD_VERSION') || error.failedIndex === undefined) throw error;
  const { code, failedIndex } = error;
  if (code === 'NO_NODE' && operations[failedIndex]?.op === 'create') throw error;
  return { code, failedIndex };
}

async function holderOf(zk: ZooKeeper, queue: string, key: string): Promise<string | null> {
  const path = keyPath(queue, key);
  const znode = await nullOn(zk.get(path), 'NO_NODE');
  if (znode === null) return null;
  const { task } = decodeRecord('key', path, znode.data);
  if (task === '') throw new RecordError(path, 'it names no run');
  return task;
}
