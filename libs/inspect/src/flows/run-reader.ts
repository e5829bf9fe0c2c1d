import { parseTaskId, RecordError, type BatchId } from '@drover/core';
import { PLAN_LIMITS, resolve, type Plan } from '@drover/flow';
import { decodeFlow, flowPath, planPath, type FlowRecord, type ReadRecord } from '@drover/protocol';
import type { Runtime } from '@drover/runtime';
import { isZooKeeperError, type ZooKeeper } from '@drover/zookeeper';
import { memoryOf, ReadCache } from '../read-cache.js';
import { Places } from './places.js';
import { endIn, planGone, planOf, readNotes } from './run-records.js';
import { readSignal } from './signals.js';
import { TaskEnds, type StepEnd } from './task-ends.js';

/**
 * Reads what runs are made of, and remembers it: a flow has up to 500 runs, many flows have one plan, and a batch has the
 * results of many runs. Of a flow only what never changes is to be used: its inputs, its name, its plan.
 */
export class RunReader {
  readonly ends: TaskEnds;
  readonly #zk: ZooKeeper;
  readonly #flows: ReadCache<FlowRecord>;
  readonly #plans: ReadCache<Plan>;

  /** `keptBytes`: memory for each of flows, plans and results, about. */
  constructor(zk: ZooKeeper, runtime: Runtime, keptBytes: number) {
    this.#zk = zk;
    this.#flows = new ReadCache(zk, keptBytes, runtime, { path: flowPath, decode: decodeFlow, memoryOf });
    this.#plans = new ReadCache(zk, keptBytes, runtime, { path: planPath, decode: planOf, memoryOf });
    this.ends = new TaskEnds(zk, keptBytes);
  }

  /** Rejects with `RecordError` where the flow is gone or is garbage. */
  async flow(id: BatchId): Promise<FlowRecord> {
    return this.#flows.get(id).catch((error: unknown) => {
      if (!isZooKeeperError(error, 'NO_NODE')) throw error;
      throw new RecordError(flowPath(id), 'is gone: there is no such flow, or retention has removed it');
    });
  }

  /** Whether it is at hand. */
  hasPlan(hash: string): boolean {
    return this.#plans.has(hash);
  }

  /** Rejects with `RecordError` where the plan makes no sense, or is gone: `cause` is the error `NO_NODE` then. */
  async plan(hash: string): Promise<Plan> {
    return this.#plans.get(hash).catch((error: unknown) => {
      throw isZooKeeperError(error, 'NO_NODE') ? planGone(planPath(hash), error) : error;
    });
  }

  /** The value that an end gives to whoever refers to it; of what has failed `null`. Rejects with `RecordError`. */
  async value(end: StepEnd): Promise<unknown> {
    return this.#value(end, 0);
  }

  /** The result of a run that succeeded: its plan's output, made of results of steps. Rejects with `RecordError`. */
  async output(id: BatchId, run: number, outputs: readonly ReadRecord[]): Promise<unknown> {
    return this.#output(id, run, outputs, 0);
  }

  async #value(end: StepEnd, depth: number): Promise<unknown> {
    if ('value' in end) return end.value;
    if ('error' in end) return null;
    const { batch: id, index } = parseTaskId(end.becomes) ?? { batch: '', index: 0 };
    if (depth >= PLAN_LIMITS.chain) throw new RecordError(flowPath(id), `${depth} runs became each other: a circle`);
    const ended = endIn((await readNotes(this.#zk, id)) ?? [], index);
    if (ended === null) throw new RecordError(flowPath(id), `run ${index}, to which a step refers, has not ended`);
    return this.#output(id, index, ended.outputs, depth + 1);
  }

  async #output(id: BatchId, run: number, outputs: readonly ReadRecord[], depth: number): Promise<unknown> {
    const { header, inputs } = await this.flow(id);
    const { output } = await this.plan(header.plan);
    if (output === undefined) return null;
    const places = new Places(outputs);
    const results = new Map<string, unknown>();
    const read = async (step: string): Promise<void> => {
      const place = places.find(step, run);
      if (place === null) return;
      if (place.kind === 'note') results.set(step, await readSignal(this.#zk, id, run, step, place.note));
      else {
        const end = (await this.ends.of(place.batch, [place.index])).get(place.index);
        results.set(step, end === undefined ? null : await this.#value(end, depth));
      }
    };
    await Promise.all([...places.steps].map(read));
    const input: unknown = JSON.parse(inputs[run] ?? 'null');
    return resolve(output, { input, result: (step) => results.get(step) });
  }
}
