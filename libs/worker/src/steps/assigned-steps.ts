import { taskId } from '@drover/core';
import type { Plan, Step } from '@drover/flow';
import type { Places } from '@drover/inspect';
import type { DraftRecord, FireRecord, FlowRecord, OfRecord } from '@drover/protocol';
import type { CallEnd } from '../execution/executor.js';
import { rejected } from '../execution/failure.js';
import { stepTask } from './step-inputs.js';
import type { StepCall, StepPlace } from './step-call.js';
import { StepTaskCall, type AssignedTask, type StepTools } from './step-task-call.js';

/** Everything that was read for the tasks `[from, to)` of a batch: those of an entry of `of`, or all of a draft. */
export interface StepSource {
  readonly from: number;
  readonly to: number;
  readonly entry?: OfRecord;
  readonly draft?: DraftRecord;
  /** Why none of these tasks can be run; the rest is missing then. */
  readonly refusal?: CallEnd;
  readonly flow?: FlowRecord;
  readonly plan?: Plan;
  readonly step?: Step;
  readonly places?: Places;
  readonly lists?: readonly string[];
  /** Of a map over shards that a retry started again. */
  readonly shards?: number;
  /** By index in the batch. */
  readonly payloads?: ReadonlyMap<number, () => string | CallEnd>;
}

/** Characters of a payload that is made of results: handlers get it as one text. */
const LONGEST_PAYLOAD = 64 * 1024 * 1024;

/** The tasks of an assignment that are steps, by their index in the batch. */
export class AssignedSteps {
  readonly #sources: readonly StepSource[];
  readonly #tools: StepTools;

  constructor(sources: readonly StepSource[], tools: StepTools) {
    this.#sources = sources;
    this.#tools = tools;
  }

  /** The payload as JSON; an end: it cannot be made; `undefined`: the batch has it. */
  payload(index: number): string | CallEnd | undefined {
    const source = this.#source(index);
    if (source === undefined) return undefined;
    if (source.refusal !== undefined) return source.refusal;
    if (source.payloads === undefined) return undefined;
    try {
      return bounded(source.payloads.get(index)?.() ?? rejected('RecordError', 'nothing was read for this task'));
    } catch (error) {
      // Such as a text that is longer than texts can be.
      return rejected('RecordError', `its payload cannot be made: ${error instanceof Error ? error.message : ''}`);
    }
  }

  /** Which fire of a schedule its run is; `undefined`: none. */
  fireOf(index: number): FireRecord | undefined {
    return this.#source(index)?.flow?.header.fire;
  }

  /** The task while it runs; `undefined`: it is refused. */
  call(index: number, task: AssignedTask): StepCall | undefined {
    const source = this.#source(index);
    const place = source === undefined ? undefined : placeOf(source, index);
    if (source === undefined || place === undefined) return undefined;
    return new StepTaskCall({ source, place, index, task, tools: this.#tools });
  }

  /** The list that the task gives is items of a map. */
  expands(index: number): boolean {
    const step = this.#source(index)?.step;
    return step?.kind === 'task' && step.expand !== undefined;
  }

  #source(index: number): StepSource | undefined {
    return this.#sources.find(({ from, to }) => from <= index && index < to);
  }
}

function placeOf(source: StepSource, index: number): StepPlace | undefined {
  const { flow, draft, entry } = source;
  if (flow === undefined) return undefined;
  if (draft !== undefined) return draftPlace(flow, draft, index);
  return entry === undefined ? undefined : entryPlace(flow, entry, source, index);
}

function bounded(payload: string | CallEnd): string | CallEnd {
  if (typeof payload !== 'string' || payload.length <= LONGEST_PAYLOAD) return payload;
  const what = `the results that make its payload have ${payload.length} characters, ${LONGEST_PAYLOAD} are allowed`;
  return rejected('PayloadTooLargeError', `${what}: give references as results, or reduce with a lower arity`);
}

function draftPlace({ header }: FlowRecord, draft: DraftRecord, index: number): StepPlace {
  const { flow, run, step, gen = 0, from, shards } = draft;
  const item = from + index;
  return {
    flow: { run: taskId(flow, run), name: header.name, step, index: item, generation: gen },
    ...(shards !== undefined && { shard: { index: item, of: shards } }),
    ...NOTHING_MORE,
  };
}

const NOTHING_MORE = { labels: [], expands: false, lists: [] };

function entryPlace(
  { header }: FlowRecord,
  entry: OfRecord,
  { from, step, lists, shards }: StepSource,
  index: number,
): StepPlace {
  const { run, item } = stepTask(entry, from, index);
  const own = step?.kind === 'task' ? step : undefined;
  return {
    flow: {
      ...{ run: taskId(entry.flow, run), name: header.name, step: entry.step, generation: entry.gen ?? 0 },
      ...(item !== null && { index: item }),
    },
    ...(shards !== undefined && item !== null && { shard: { index: item, of: shards } }),
    labels: own?.labels ?? [],
    expands: own?.expand !== undefined,
    lists: lists ?? [],
  };
}
