import { indexesOf, RecordError, type BatchId, type Range } from '@drover/core';
import type { Plan, Step, Template } from '@drover/flow';
import { Places, readSignal, RunReader } from '@drover/inspect';
import {
  flowPath,
  planPath,
  tasksOf,
  type BatchHeader,
  type DraftRecord,
  type FlowRecord,
  type OfRecord,
} from '@drover/protocol';
import type { Runtime } from '@drover/runtime';
import { isZooKeeperError, type ZooKeeper } from '@drover/zookeeper';
import type { BatchCache } from '../assignments/batch-cache.js';
import type { CallEnd } from '../execution/executor.js';
import { failed, rejected } from '../execution/failure.js';
import type { Report } from '../report/report.js';
import { AssignedSteps, type StepSource } from './assigned-steps.js';
import type { StepTools } from './step-task-call.js';
import { StepWriter } from './step-writer.js';
import { resultsOf } from './results-of.js';
import { listsReferredTo, reduceReads, stepsReferredTo, stepTask, taskPayload } from './step-inputs.js';

/** Results that a batch of steps names in so few batches are listed at once, before its plan is there. */
const LISTED_AHEAD = 16;

export interface StepReaderOptions {
  zk: ZooKeeper;
  runtime: Runtime;
  batches: BatchCache;
  /** Memory for each of flows, plans and results, about. */
  cacheBytes: number;
  /** Its id, as batches that it writes name it. */
  worker: string;
}

/**
 * Reads what tasks need that are steps of runs. Everything goes out at the same time, as far as it is known: flow, plan and
 * listings of results first, then the results. Nothing is read twice for tasks of one assignment, and what the next
 * assignment needs again is mostly remembered.
 */
export class StepReader {
  readonly #zk: ZooKeeper;
  readonly #batches: BatchCache;
  readonly #runs: RunReader;
  readonly #tools: StepTools;

  constructor({ zk, runtime, batches, cacheBytes, worker }: StepReaderOptions) {
    this.#zk = zk;
    this.#batches = batches;
    this.#runs = new RunReader(zk, runtime, cacheBytes);
    this.#tools = { zk, runtime, runs: this.#runs, worker, writer: new StepWriter(zk, runtime) };
  }

  /**
   * Reads everything that these tasks of a batch need. A task that cannot be made for what is in ZooKeeper is refused by itself; throws only
   * where ZooKeeper could not be asked.
   */
  async read(header: BatchHeader, tasks: readonly Range[]): Promise<AssignedSteps> {
    const indexes = [...indexesOf(tasks)];
    if (header.draft !== undefined)
      return new AssignedSteps([await this.#draft(header.draft, header.count)], this.#tools);
    let first = 0;
    const reading: Promise<StepSource>[] = [];
    for (const entry of header.of ?? []) {
      const end = first + tasksOf(entry);
      const own = indexes.filter((index) => first <= index && index < end);
      if (own.length > 0) reading.push(this.#entry(entry, first, end, own));
      first = end;
    }
    return new AssignedSteps(await Promise.all(reading), this.#tools);
  }

  /** Takes note of a report that was accepted: steps that follow need not read it again. */
  reported({ work, part, result }: Report): void {
    if (work.hasSteps && part === 'ok') this.#runs.ends.learn(work.batchId, result.name, result.data);
  }

  /** Items have payloads of their own: of the run only its flow's name is wanted. */
  async #draft(draft: DraftRecord, count: number): Promise<StepSource> {
    const place = { from: 0, to: count, draft };
    try {
      return { ...place, flow: await this.#runs.flow(draft.flow) };
    } catch (error) {
      return { ...place, refusal: refusalOf(error) };
    }
  }

  async #entry(entry: OfRecord, first: number, end: number, indexes: readonly number[]): Promise<StepSource> {
    const place = { from: first, to: end, entry };
    try {
      const places = new Places(entry.reads ?? []);
      if (!this.#runs.hasPlan(entry.plan)) this.#listAhead(places, entry);
      const [flow, plan] = await Promise.all([this.#runs.flow(entry.flow), this.#runs.plan(entry.plan)]);
      const step = stepOf(plan, entry);
      const lists = step.kind === 'task' ? listsReferredTo(step.input) : [];
      const given = { entry, first, indexes, flow, step, places };
      const shards = step.kind === 'map' ? await this.#shards(given) : undefined;
      const payloads = await this.#payloads(given);
      return { ...place, flow, plan, step, places, lists, payloads, ...(shards !== undefined && { shards }) };
    } catch (error) {
      return { ...place, refusal: refusalOf(error) };
    }
  }

  /** Which of them are wanted the plan says; what is not wanted, or not there, is told by whoever reads it again. */
  #listAhead(places: Places, entry: OfRecord): void {
    const batches = [...places.steps].flatMap((step) => [...places.tasks(step, 0, places.end(step))]);
    if (batches.length > LISTED_AHEAD || entry.items !== undefined) return;
    for (const { batch, index } of batches) this.#runs.ends.of(batch, [index]).catch(() => undefined);
  }

  async #payloads(given: EntryRead): Promise<Payloads> {
    const { step } = given;
    switch (step.kind) {
      case 'task':
        return this.#taskPayloads(given, step.input);
      case 'reduce':
        return this.#reducePayloads(given);
      case 'map':
        return this.#itemPayloads(given);
      case 'sleep':
      case 'until':
      case 'signal':
      case 'flow':
        throw new RecordError(
          flowPath(given.entry.flow),
          `the step '${given.entry.step}' has no tasks: it is a ${step.kind}`,
        );
    }
  }

  async #taskPayloads({ entry, first, indexes, flow, places }: EntryRead, template: Template): Promise<Payloads> {
    const steps = [...stepsReferredTo(template)];
    const runs = indexes.map((index) => stepTask(entry, first, index).run);
    const results = await Promise.all(steps.map((step) => this.#results(entry.flow, step, runs, places)));
    const payloads: Payloads = new Map();
    for (const index of indexes) {
      const { run } = stepTask(entry, first, index);
      const ofRun = new Map(steps.map((step, i) => [step, results[i]?.get(run)]));
      payloads.set(index, () => taskPayload(template, flow.inputs[run], ofRun, entry.outcome));
    }
    return payloads;
  }

  /** The results of a step that others refer to, by run. A step without one has `undefined`. */
  async #results(flow: BatchId, step: string, runs: readonly number[], places: Places): Promise<Map<number, unknown>> {
    const values = new Map<number, unknown>();
    const byBatch = new Map<BatchId, { run: number; index: number }[]>();
    const reading: Promise<void>[] = [];
    for (const run of new Set(runs)) {
      const place = places.find(step, run);
      if (place?.kind === 'task') {
        const wanted = byBatch.get(place.batch);
        if (wanted === undefined) byBatch.set(place.batch, [{ run, index: place.index }]);
        else wanted.push({ run, index: place.index });
      } else if (place !== null)
        reading.push(readSignal(this.#zk, flow, run, step, place.note).then((value) => void values.set(run, value)));
    }
    for (const [batch, wanted] of byBatch) reading.push(this.#valuesOf(batch, wanted, values));
    await Promise.all(reading);
    return values;
  }

  async #valuesOf(
    batch: BatchId,
    wanted: readonly { run: number; index: number }[],
    values: Map<number, unknown>,
  ): Promise<void> {
    const ends = await this.#runs.ends.of(
      batch,
      wanted.map(({ index }) => index),
    );
    for (const { run, index } of wanted) {
      const end = ends.get(index);
      if (end !== undefined) values.set(run, 'value' in end ? end.value : await this.#runs.value(end));
    }
  }

  async #reducePayloads({ entry, first, indexes, step, places }: EntryRead): Promise<Payloads> {
    if (step.kind !== 'reduce') return new Map();
    const one = async (index: number): Promise<[number, () => string]> => {
      const { of, from, to, level, chunk } = reduceReads(step, entry.step, entry, stepTask(entry, first, index).item);
      const results = await resultsOf(this.#runs, { flow: entry.flow, places, step: of, from, to });
      return [index, () => JSON.stringify({ results, level, chunk })];
    };
    return new Map(await Promise.all(indexes.map(one)));
  }

  /** How many shards the items of a map are, as the drafts of before say. */
  async #shards({ entry, first, indexes, places }: EntryRead): Promise<number | undefined> {
    const { item } = stepTask(entry, first, indexes[0] ?? first);
    const place = item === null ? null : places.find(entry.step, item);
    return place?.kind === 'task' ? (await this.#batches.get(place.batch)).header.draft?.shards : undefined;
  }

  /** Of a map that a retry started again: its items are the payloads of the tasks of before. */
  async #itemPayloads({ entry, first, indexes, places }: EntryRead): Promise<Payloads> {
    const one = async (index: number): Promise<[number, () => string | CallEnd]> => {
      const { item } = stepTask(entry, first, index);
      const place = item === null ? null : places.find(entry.step, item);
      if (place?.kind !== 'task')
        throw new RecordError(flowPath(entry.flow), `nothing says where item ${item ?? '?'} of '${entry.step}' is`);
      const batch = await this.#batches.get(place.batch);
      return [index, () => batch.payload(place.index) ?? rejected('RecordError', `item ${item ?? '?'} is gone`)];
    };
    return new Map(await Promise.all(indexes.map(one)));
  }
}

type Payloads = Map<number, () => string | CallEnd>;

interface EntryRead {
  entry: OfRecord;
  first: number;
  indexes: readonly number[];
  flow: FlowRecord;
  step: Step;
  places: Places;
}

function stepOf(plan: Plan, entry: OfRecord): Step {
  const step = Object.hasOwn(plan.steps, entry.step) ? plan.steps[entry.step] : undefined;
  if (step === undefined) throw new RecordError(planPath(entry.plan), `has no step '${entry.step}'`);
  return step;
}

/**
 * Garbage, and what is gone for good, no other attempt will find better. A plan may come again: whoever starts a run of it
 * writes it. Throws what is no fault of a record. */
function refusalOf(error: unknown): CallEnd {
  if (!(error instanceof RecordError)) throw error;
  return isZooKeeperError(error.cause, 'NO_NODE')
    ? failed('PlanGoneError', error.message)
    : rejected(error.name, error.message);
}
