import { RecordError, taskId, type BatchId } from '@drover/core';
import { encodeDraft, ItemGatherer, optionsOfItems, parsePlan, PLAN_LIMITS, prepareRun, type Plan } from '@drover/flow';
import type { RunReader } from '@drover/inspect';
import {
  batchPath,
  becomeId,
  draftId,
  encodeFlow,
  flowPath,
  planHash,
  planPath,
  type FlowHeader,
} from '@drover/protocol';
import type { Runtime } from '@drover/runtime';
import type { ZooKeeper } from '@drover/zookeeper';
import type { StepSource } from './assigned-steps.js';
import { resultsOf } from './results-of.js';
import { stepTask } from './step-inputs.js';
import { refused, revoked } from './refusals.js';
import { StepRefusedError, type StepAsk, type StepCall, type StepPlace, type StepReply } from './step-call.js';
import type { StepWriter } from './step-writer.js';

/** The tools that all steps of a session share. */
export interface StepTools {
  readonly zk: ZooKeeper;
  readonly runtime: Runtime;
  readonly runs: RunReader;
  readonly writer: StepWriter;
  /** The worker's id. */
  readonly worker: string;
}

/** The assignment that a step came with. */
export interface AssignedTask {
  readonly name: string;
  readonly path: string;
  readonly batchId: string;
  readonly isOver: boolean;
}

interface StepTaskOptions {
  source: StepSource;
  place: StepPlace;
  /** In its batch. */
  index: number;
  task: AssignedTask;
  tools: StepTools;
}

/** Items that one chunk of results has at most. */
const CHUNK_ITEMS = 500;

/** One step while it runs: reads what its handler asks for, and writes what it finds. */
export class StepTaskCall implements StepCall {
  readonly place: StepPlace;
  readonly #options: StepTaskOptions;

  constructor(options: StepTaskOptions) {
    this.#options = options;
    this.place = options.place;
  }

  async answer(ask: StepAsk): Promise<StepReply> {
    try {
      if (ask.kind === 'results') return await this.#results(ask.step, ask.from);
      await this.#draft(ask.from, ask.items);
      return null;
    } catch (error) {
      throw refused(error);
    }
  }

  async become(text: string, input: string): Promise<string> {
    try {
      return await this.#become(text, input);
    } catch (error) {
      throw refused(error);
    }
  }

  async #results(step: string, from: number): Promise<{ values: string; next: number | null }> {
    const { source, tools } = this.#options;
    const { entry, places } = source;
    if (entry === undefined || places === undefined || !this.place.lists.includes(step))
      throw new RecordError(this.place.flow.step, `does not refer to the results of '${step}'`);
    const end = places.end(step);
    const to = Math.min(from + CHUNK_ITEMS, end);
    const values = await resultsOf(tools.runs, { flow: entry.flow, places, step, from, to });
    return { values: JSON.stringify(values), next: to < end ? to : null };
  }

  async #draft(from: number, items: readonly string[]): Promise<void> {
    const { source, index, task } = this.#options;
    const { entry, flow, step, plan } = source;
    if (
      entry === undefined ||
      flow === undefined ||
      plan === undefined ||
      step?.kind !== 'task' ||
      step.expand === undefined
    )
      throw new RecordError(this.place.flow.step, 'is no step whose list is items of a map');
    const id = draftId(task.batchId, task.name, index, from);
    const run = stepTask(entry, source.from, index).run;
    const place = { flow: entry.flow, run };
    const draft = { ...place, step: step.expand, ...genOf(entry), from, by: task.name };
    const isFired = flow.header.fire !== undefined;
    const origin = { ...optionsOfItems(plan, step.expand, flow.header, place), ...this.#writer(), isFired };
    const znode = { path: batchPath(id), data: encodeDraft(draft, items, origin) };
    if (!(await this.#create(znode))) throw revoked();
  }

  async #become(text: string, input: string): Promise<string> {
    const { source, index, task } = this.#options;
    const depth = depthOf(source);
    const plan = parsePlan(text);
    const run = prepareRun(plan, JSON.parse(input));
    const id = becomeId(task.batchId, task.name, index);
    const { queue, options } = source.flow?.header ?? {};
    const parent = taskId(task.batchId, index);
    const inherited = { ...(queue !== undefined && { queue }), ...(options !== undefined && { options }) };
    const header: FlowHeader = {
      ...{ name: plan.name, plan: planHash(text), count: 1, ...this.#writer() },
      ...{ ...inherited, parent, depth },
    };
    const maps: [string, number, number][] = [];
    for (const [step, items] of run.items) maps.push([step, 0, await this.#given(id, step, items, plan, header)]);
    const times = Object.fromEntries([...run.times].map(([step, at]) => [step, [at]]));
    const data = encodeFlow({ ...header, ...(maps.length > 0 && { maps }), ...(run.times.size > 0 && { times }) }, [
      JSON.stringify(run.input ?? null),
    ]);
    const planZnode = { path: planPath(header.plan), data: text };
    if (!(await this.#create({ path: flowPath(id), data }, [planZnode]))) throw revoked();
    return taskId(id, 0);
  }

  /** Drafts of items that the input of the new run has. Returns how many there are. */
  async #given(
    flow: BatchId,
    step: string,
    items: Iterable<unknown> | AsyncIterable<unknown>,
    plan: Plan,
    header: FlowHeader,
  ): Promise<number> {
    const name = `${this.#options.task.name}/${step}`;
    const origin = { ...optionsOfItems(plan, step, header, { flow, run: 0 }), ...this.#writer() };
    const gatherer = new ItemGatherer();
    const write = async (full: { from: number; items: string[] } | null): Promise<void> => {
      if (full === null) return;
      const id = draftId(flow, name, 0, full.from);
      const data = encodeDraft({ flow, run: 0, step, from: full.from }, full.items, origin);
      if (!(await this.#create({ path: batchPath(id), data }))) throw revoked();
    };
    for await (const item of items) {
      const json = JSON.stringify(item ?? null);
      await write(gatherer.add(json, Buffer.byteLength(json)));
    }
    const { count } = gatherer;
    await write(gatherer.take());
    return count;
  }

  #create(
    znode: { path: string; data: string },
    others: readonly { path: string; data: string }[] = [],
  ): Promise<boolean> {
    const { task, tools } = this.#options;
    return tools.writer.create(znode, task.path, () => task.isOver, others);
  }

  #writer(): { client: string; at: number } {
    const { tools } = this.#options;
    return { client: tools.worker, at: tools.runtime.now() };
  }
}

const genOf = ({ gen }: { gen?: number | undefined }): { gen?: number } => (gen === undefined ? {} : { gen });

/** Of the run that a step becomes. Throws `StepRefusedError` where the chain of runs is too long. */
function depthOf({ flow }: StepSource): number {
  const { parent, depth = parent === undefined ? 0 : 1 } = flow?.header ?? {};
  if (depth < PLAN_LIMITS.chain) return depth + 1;
  throw new StepRefusedError({
    name: 'ChainTooLongError',
    message: `${depth} runs have become each other, one after the other, and this one may not become another: repeat with a map, or start a new run`,
    retryable: false,
  });
}
