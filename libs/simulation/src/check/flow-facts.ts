import { taskId, type BatchId, type TaskId } from '@drover/core';
import type { Plan } from '@drover/flow';
import {
  assignmentName,
  decodeBatch,
  decodeFlowHeader,
  decodeNotes,
  decodeResult,
  parseFlowsPath,
  parseTasksPath,
  parseResultName,
  ROOTS,
  tasksOf,
  type FlowHeader,
  type NoteRecord,
  type OfRecord,
  type RunEnd,
} from '@drover/protocol';
import type { ZnodeWrite } from './znode-change.js';

export interface FlowOf {
  readonly id: BatchId;
  readonly header: FlowHeader;
  readonly plan: Plan | null;
  readonly runs: readonly RunOf[];
}

export type Ended = 'succeeded' | 'failed' | 'cancelled' | 'skipped';

/** One run as ZooKeeper has it, without its tasks. */
export interface RunOf {
  /** How often it was retried. */
  retries: number;
  /** A step of it was named since the last retry: of plans with `maxRuns`. */
  hasBegun: boolean;
  /** By step: the generation since which it runs, or waits, again. */
  readonly generations: Map<string, number>;
  /** Steps that the last retry left as they had ended. */
  kept: ReadonlyMap<string, Ended>;
  /** Since the last retry. */
  halts: { cause: 'asked' | 'deadline' | 'policy'; force: boolean }[];
  readonly signals: Map<string, { answer: string | null; order: number }>;
  /** The time of the step is over; by step. */
  readonly timeouts: Map<string, number>;
  /** When steps began to wait for a time: by step and generation. */
  readonly waits: Map<string, number>;
  end: RunEnd | null;
}

/** The place of a step, or of one task of a map or reduce, in a batch. */
export interface Place {
  readonly batch: BatchId;
  readonly index: number;
  readonly id: TaskId;
}
export interface DraftOf {
  readonly flow: BatchId;
  readonly run: number;
  readonly step: string;
  readonly from: number;
  readonly by: string | null;
}
export interface Named {
  readonly flow: BatchId;
  readonly run: number;
  readonly step: string;
  readonly gen: number;
  readonly item: number | null;
}

/** The name of what one task is of a run, and only one. */
export const nameOf = ({ flow, run, step, gen, item }: Named): string =>
  `${flow}.${run} ${step} ${gen}${item === null ? '' : ` #${item}`}`;
const draftName = (flow: BatchId, run: number, step: string, by: string | null, item: number): string =>
  `${flow}.${run} ${step} by ${by ?? 'client'} #${item}`;

/** Everything that znodes say of flows, as it was written: nothing is concluded here. */
export class FlowFacts {
  readonly #plans = new Map<string, Plan>();
  readonly #flows = new Map<BatchId, FlowOf>();
  readonly #drafts = new Map<BatchId, DraftOf>();
  readonly #places = new Map<string, Place>();
  readonly #draftPlaces = new Map<string, Place>();
  readonly labels = new Map<TaskId, string>();
  readonly skipped = new Set<TaskId>();
  /** Flows whose run a task became, by accepted reports. */
  readonly becomes = new Map<TaskId, BatchId>();
  readonly #adopted = new Set<BatchId>();
  readonly #gone = new Set<BatchId>();
  readonly expanded = new Map<TaskId, { items: number; by: string }>();
  #notes = 0;

  flow(id: BatchId): FlowOf | undefined {
    return this.#flows.get(id);
  }

  flows(): FlowOf[] {
    return [...this.#flows.values()];
  }

  /** It is to run: nobody became it, or the report was accepted that says so. */
  isNamed({ id, header }: FlowOf): boolean {
    return header.parent === undefined || this.#adopted.has(id);
  }

  /** Its znode is no more. */
  isGone(id: BatchId): boolean {
    return this.#gone.has(id);
  }

  /** Somebody removes a flow. */
  removed({ op, path }: ZnodeWrite): void {
    const at = op === 'delete' ? parseFlowsPath(path) : null;
    if (at?.note === null) this.#gone.add(at.flow);
  }

  draft(batch: BatchId): DraftOf | undefined {
    return this.#drafts.get(batch);
  }

  place(named: Named): Place | undefined {
    return this.#places.get(nameOf(named));
  }

  draftPlace(flow: BatchId, run: number, step: string, by: string | null, item: number): Place | undefined {
    return this.#draftPlaces.get(draftName(flow, run, step, by, item));
  }

  plan(write: ZnodeWrite): void {
    if (write.op !== 'create' || !write.path.startsWith(`${ROOTS.plans}/`)) return;
    this.#plans.set(write.path.slice(ROOTS.plans.length + 1), JSON.parse(write.data.toString('utf8')) as Plan);
  }

  /** Its plan was told before it, though it may come after it in the transaction that makes both. */
  planned(write: ZnodeWrite): void {
    if (write.op !== 'create') return;
    const { path, data } = write;
    const at = parseFlowsPath(path);
    if (at?.note !== null) return;
    const header = decodeFlowHeader(path, data);
    const plan = this.#plans.get(header.plan) ?? null;
    const runs = Array.from({ length: header.count }, newRun);
    this.#flows.set(at.flow, { id: at.flow, header, plan, runs });
  }

  /** Notes that the write makes. */
  notesIn(write: ZnodeWrite): { flow: FlowOf; notes: NoteRecord[] } | null {
    if (write.op !== 'create') return null;
    const at = parseFlowsPath(write.path);
    const flow = typeof at?.note === 'string' ? this.#flows.get(at.flow) : undefined;
    return flow === undefined ? null : { flow, notes: decodeNotes(write.path, write.data) };
  }

  /** The order in which the notes came. */
  nextOrder(): number {
    return ++this.#notes;
  }

  /** The steps that a new batch names; `null`: it is of no flow. */
  batchIn(write: ZnodeWrite): {
    batch: BatchId;
    at: number;
    named: { named: Named; place: Place; of: OfRecord }[];
    draft: DraftOf | null;
  } | null {
    if (write.op !== 'create') return null;
    const at = parseTasksPath(write.path);
    if (at?.result !== null) return null;
    const { header } = decodeBatch(write.path, write.data);
    if (header.of === undefined && header.draft === undefined) return null;
    const named = [...namedBy(at.batch, header.of ?? [])];
    const draft = header.draft === undefined ? null : { ...header.draft, by: header.draft.by ?? null };
    if (draft !== null) this.#drafted(at.batch, draft, header.count);
    return { batch: at.batch, at: header.at, named, draft };
  }

  name(named: Named, place: Place): void {
    this.#places.set(nameOf(named), place);
  }

  #drafted(batch: BatchId, draft: DraftOf, count: number): void {
    const { flow, run, step, from, by } = draft;
    this.#drafts.set(batch, draft);
    for (let index = 0; index < count; index++)
      this.#draftPlaces.set(draftName(flow, run, step, by, from + index), { batch, index, id: taskId(batch, index) });
  }

  /** Takes in a report: it may say something of steps. */
  report(write: ZnodeWrite): void {
    if (write.op !== 'create') return;
    const at = parseTasksPath(write.path);
    if (typeof at?.result !== 'string') return;
    const name = parseResultName(at.result);
    if (name === null || name.part === 'end') return;
    const { header } = decodeResult(write.path, write.data);
    const id = (index: number): TaskId => taskId(at.batch, index);
    for (const [from, to, label] of header.labels ?? [])
      for (let index = from; index < to; index++) this.labels.set(id(index), label);
    for (const [from, to] of header.skipped ?? [])
      for (let index = from; index < to; index++) this.skipped.add(id(index));
    for (const [index, items] of header.expanded ?? [])
      this.expanded.set(id(index), { items, by: assignmentName(at.batch, name) });
    for (const [index, run] of header.becomes ?? []) {
      const flow = run.slice(0, run.lastIndexOf('.'));
      this.becomes.set(id(index), flow);
      this.#adopted.add(flow);
    }
  }
}

function* namedBy(
  batch: BatchId,
  entries: readonly OfRecord[],
): Generator<{ named: Named; place: Place; of: OfRecord }> {
  let index = 0;
  for (const of of entries) {
    const [first] = of.runs;
    for (let i = 0; i < tasksOf(of); i++, index++) {
      const isItem = of.items !== undefined;
      const named: Named = {
        ...{ flow: of.flow, run: isItem ? first : first + i, step: of.step, gen: of.gen ?? 0 },
        item: of.items === undefined ? null : of.items[0] + i,
      };
      yield { named, place: { batch, index, id: taskId(batch, index) }, of };
    }
  }
}

const newRun = (): RunOf => ({
  ...{ retries: 0, hasBegun: false, generations: new Map(), kept: new Map(), halts: [], signals: new Map() },
  ...{ timeouts: new Map(), waits: new Map(), end: null },
});
