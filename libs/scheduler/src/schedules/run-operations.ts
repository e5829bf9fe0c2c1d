import { featuresOf, type BatchId } from '@drover/core';
import { encodeDraft, ItemGatherer, optionsOfItems, prepareRun, type Plan } from '@drover/flow';
import {
  batchPath,
  broadcastPath,
  draftId,
  encodeBroadcast,
  encodeFlow,
  FIRE_RUNS,
  flowPath,
  needsOfBroadcast,
  planPath,
  type BroadcastRecord,
  type FlowHeader,
} from '@drover/protocol';
import { broadcastOf, type NewRun } from '@drover/schedules';
import type { Operation } from '@drover/zookeeper';

/** Pure: what runs and broadcasts that fires start are in znodes. */

type NewFlow = Extract<NewRun, { starts: 'flow' }>;
type NewBroadcast = Extract<NewRun, { starts: 'broadcast' }>;

/** A flow that a fire starts, with its operations: the drafts of the items that its input has, the flow, and that its plan is there. */
export interface MadeFlow {
  readonly starts: 'flow';
  readonly id: BatchId;
  readonly header: FlowHeader;
  readonly operations: readonly Operation[];
}
export interface MadeBroadcast {
  readonly starts: 'broadcast';
  readonly id: BatchId;
  readonly record: BroadcastRecord;
  readonly operations: readonly Operation[];
}

/** `at`: the time of the leader; `client`: its name. Throws `InvalidArgumentError`. */
export function makeFlow({ id, fire, run }: NewFlow, plan: Plan, at: number, client: string): MadeFlow {
  const { flow: name, plan: hash, input: given = null, queue, deadline, ...options } = run;
  const prepared = prepareRun(plan, given);
  const base: FlowHeader = {
    ...{ name, plan: hash, count: 1, at, client, fire },
    ...(queue !== undefined && { queue }),
    ...(Object.keys(options).length > 0 && { options }),
    ...(deadline !== undefined && { deadlineMs: deadline }),
    ...timesOf(prepared.times),
  };
  const operations: Operation[] = [];
  const maps: [string, number, number][] = [];
  for (const [step, items] of prepared.items)
    maps.push([step, 0, addDrafts(operations, { flow: id, step, plan, header: base }, items as Iterable<unknown>)]);
  const header = maps.length > 0 ? { ...base, maps } : base;
  const data = encodeFlow(header, [JSON.stringify(prepared.input ?? null)]);
  operations.push({ op: 'create', path: flowPath(id), data }, { op: 'check', path: planPath(hash), version: 'any' });
  return { starts: 'flow', id, header, operations };
}

const timesOf = (times: ReadonlyMap<string, number>): { times?: Record<string, number[]> } =>
  times.size === 0 ? {} : { times: Object.fromEntries([...times].map(([step, time]) => [step, [time]])) };

/** Returns how many items there were. */
function addDrafts(
  drafts: Operation[],
  { flow, step, plan, header }: { flow: BatchId; step: string; plan: Plan; header: FlowHeader },
  items: Iterable<unknown>,
): number {
  const { client, at } = header;
  const origin = { ...optionsOfItems(plan, step, header, { flow, run: 0 }), client, at, isFired: true };
  const gatherer = new ItemGatherer();
  const write = (full: { from: number; items: string[] } | null): void => {
    if (full === null) return;
    const { from } = full;
    const data = encodeDraft({ flow, run: 0, step, from }, full.items, origin);
    drafts.push({ op: 'create', path: batchPath(draftId(flow, step, 0, from)), data });
  };
  for (const item of items) {
    const json = JSON.stringify(item ?? null);
    write(gatherer.add(json, Buffer.byteLength(json)));
  }
  write(gatherer.take());
  return gatherer.count;
}

/** The key by which the broadcasts of a schedule replace each other, if the schedule names none. */
const keyOfSchedule = (schedule: string): string => `schedule/${schedule}`;

export function makeBroadcast({ id, fire, run }: NewBroadcast, at: number, client: string): MadeBroadcast {
  const { queue, task, where, joinersMs, key, skipDraining } = broadcastOf(run);
  const record: BroadcastRecord = {
    ...{ queue, task, joinersMs, at, client, fire, key: key ?? keyOfSchedule(fire.schedule) },
    ...(Object.keys(where).length > 0 && { where }),
    ...(skipDraining && { skipDraining }),
    needs: needsOfBroadcast([...featuresOf(task), FIRE_RUNS]),
  };
  const data = encodeBroadcast(record, JSON.stringify(run.payload ?? null));
  return { starts: 'broadcast', id, record, operations: [{ op: 'create', path: broadcastPath(id), data }] };
}
