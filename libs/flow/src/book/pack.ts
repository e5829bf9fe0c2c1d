import { featuresOf, LIMITS, sameOptions, type BatchId, type TaskOptions } from '@drover/core';
import type { OfRecord } from '@drover/protocol';
import { reducePlace } from '../reduce-shape.js';
import { optionsOfStep } from '../start/options-of-step.js';
import { FAILED, OPEN, READY, RUNNING } from './codes.js';
import { endStep, outcomeOf } from './ends.js';
import { itemsOf } from './fans.js';
import type { FlowState } from './flow-state.js';
import type { Entry, KnownBatch } from './known-batch.js';
import type { NewStepBatch } from './model.js';
import { concurrencyLimit } from './limits.js';
import { bytesOf } from './notes.js';
import { itemsRead, partsRead, readsOf } from './reads.js';
import { olderFirst, type BookState, type Ready } from './state.js';

/** A header is not larger: a batch of it fits a transaction with the assignments of its tasks. */
const MAX_HEADER_BYTES = 200 * 1024;

/** Consecutive tasks of one step: of runs `[from, to)`, or of one run its items `[from, to)`. */
interface Piece {
  readonly flow: FlowState;
  readonly step: number;
  readonly generation: number;
  /** Null: positions are runs. */
  readonly run: number | null;
  readonly from: number;
  readonly to: number;
}

interface Bin {
  readonly queue: string;
  readonly groups: (TaskOptions & { count: number })[];
  readonly of: OfRecord[];
  readonly pieces: Piece[];
  tasks: number;
  bytes: number;
}

/** All that is ready, of any runs and flows, in batches of one queue each. */
export function pack(state: BookState, newId: () => BatchId): NewStepBatch[] {
  const packing = new Packing(state, newId);
  for (const piece of piecesOf(state.ready.splice(0))) packing.add(piece);
  return packing.close();
}

class Packing {
  readonly #state: BookState;
  readonly #newId: () => BatchId;
  readonly #bins = new Map<string, Bin>();
  readonly #batches: NewStepBatch[] = [];

  constructor(state: BookState, newId: () => BatchId) {
    this.#state = state;
    this.#newId = newId;
  }

  add(piece: Piece): void {
    const { flow, step } = piece;
    const of = flow.plan?.steps[step]?.step;
    if (of === undefined || !('type' in of)) return;
    const { queue, options } = withLimit(flow, piece, optionsOfStep(flow.header, of));
    const key = JSON.stringify([queue, featuresOf(options)]);
    for (let rest: Piece | null = piece; rest !== null;) {
      const bin = this.#bin(key, queue);
      const part = first(rest, LIMITS.batchTasks - bin.tasks);
      const taken = this.#put(bin, part, options);
      if (taken > 0) rest = after(rest, taken);
      else if (bin.tasks > 0) this.#flush(key, bin);
      else {
        tooLarge(this.#state, first(rest, 1));
        rest = after(rest, 1);
      }
      if (bin.tasks >= LIMITS.batchTasks) this.#flush(key, bin);
    }
  }

  /** As much of the piece as fits; the count of its tasks. */
  #put(bin: Bin, piece: Piece, options: TaskOptions): number {
    const entry = entryFor(piece);
    const last = bin.groups.at(-1);
    const isSame = last !== undefined && sameOptions(withoutCount(last), options);
    const bytes = bytesOf(entry) + (isSame ? 8 : bytesOf(options) + 16);
    const count = piece.to - piece.from;
    if (bin.bytes + bytes > MAX_HEADER_BYTES)
      return count === 1 ? 0 : this.#put(bin, first(piece, Math.floor(count / 2)), options);
    if (isSame) last.count += count;
    else bin.groups.push({ ...options, count });
    bin.of.push(entry);
    bin.pieces.push(piece);
    bin.bytes += bytes;
    bin.tasks += count;
    return count;
  }

  #bin(key: string, queue: string): Bin {
    let bin = this.#bins.get(key);
    if (bin === undefined)
      this.#bins.set(key, (bin = { queue, groups: [], of: [], pieces: [], tasks: 0, bytes: 1_024 }));
    return bin;
  }

  #flush(key: string, bin: Bin): void {
    this.#bins.delete(key);
    if (bin.tasks === 0) return;
    const { queue, groups, of } = bin;
    const id = this.#newId();
    startBatch(this.#state, id, bin);
    this.#batches.push({ id, queue, groups, of });
  }

  close(): NewStepBatch[] {
    for (const [key, bin] of this.#bins) this.#flush(key, bin);
    return this.#batches;
  }
}

const first = (piece: Piece, count: number): Piece => ({ ...piece, to: Math.min(piece.to, piece.from + count) });
const after = (piece: Piece, count: number): Piece | null =>
  piece.from + count >= piece.to ? null : { ...piece, from: piece.from + count };

function withoutCount({ count: _count, ...options }: TaskOptions & { count: number }): TaskOptions {
  return options;
}

/** Items of a map that run again are under the limit of the map, as those of its drafts are. */
function withLimit(
  flow: FlowState,
  { step, run }: Piece,
  { queue, options }: { queue: string; options: TaskOptions },
): { queue: string; options: TaskOptions } {
  const of = flow.plan?.steps[step];
  if (of?.step.kind !== 'map' || of.step.concurrency === undefined || run === null) return { queue, options };
  const limit = concurrencyLimit(flow.header.plan, of.name, { flow: flow.id, run });
  return {
    queue,
    options: { ...options, limits: [...(options.limits ?? []), limit].sort() },
  };
}

/** Makes pieces of all that is still ready: tasks whose places follow each other and that read alike. */
function piecesOf(ready: readonly Ready[]): Piece[] {
  const pieces: Piece[] = [];
  for (const each of ready.filter(isStill).sort(byPlace)) {
    const next = pieceOf(each);
    const last = pieces.at(-1);
    if (last !== undefined && goesOn(last, next)) pieces[pieces.length - 1] = { ...last, to: next.to };
    else pieces.push(next);
  }
  return pieces;
}

function isStill({ flow, run, step, item, generation }: Ready): boolean {
  if (flow.removed || flow.runs[run] !== OPEN || flow.generationOf(run, step) !== generation) return false;
  if (item === null) return flow.code(run, step) === READY;
  return flow.code(run, step) === RUNNING && flow.fans?.get(flow.key(run, step))?.code(item) === READY;
}

const byPlace = (a: Ready, b: Ready): number =>
  (a.flow === b.flow ? 0 : olderFirst(a.flow, b.flow)) ||
  a.step - b.step ||
  a.run - b.run ||
  (a.item ?? 0) - (b.item ?? 0);

const pieceOf = ({ flow, run, step, item, generation }: Ready): Piece => ({
  flow,
  step,
  generation,
  run: item === null ? null : run,
  from: item ?? run,
  to: (item ?? run) + 1,
});

function goesOn(open: Piece, next: Piece): boolean {
  const { flow, step, run, generation } = open;
  if (next.flow !== flow || next.step !== step || next.run !== run || next.generation !== generation) return false;
  // The same may have been told ready twice.
  if (next.from !== open.to) return next.to === open.to;
  const index = flow.plan?.steps[step];
  if (index?.step.kind === 'reduce' && run !== null) {
    const total = itemsOf(flow, run, index.step);
    const { arity } = index.step;
    return reducePlace(total, arity, next.from).level === reducePlace(total, arity, open.from).level;
  }
  if (index === undefined || run !== null) return true;
  if (index.reads.length > 0) return false;
  return (
    !index.knowsOutcome || JSON.stringify(outcomeOf(flow, open.from)) === JSON.stringify(outcomeOf(flow, next.from))
  );
}

function entryFor({ flow, step, run, from, to, generation }: Piece): OfRecord {
  const index = flow.plan?.steps[step];
  const gen = generation === 0 ? {} : { gen: generation };
  const of = { flow: flow.id, plan: flow.header.plan, step: index?.name ?? '', ...gen };
  if (run !== null) return { ...of, runs: [run, run + 1], items: [from, to], ...partsRead(flow, run, step, from, to) };
  const reads = [
    ...readsOf(flow, index?.refers ?? [], from, to),
    ...(index?.reads ?? []).flatMap((map) => itemsRead(flow, map, from)),
  ];
  const outcome = index?.knowsOutcome === true ? { outcome: outcomeOf(flow, from) } : {};
  return { ...of, runs: [from, to], ...(reads.length === 0 ? {} : { reads }), ...outcome };
}

function tooLarge(state: BookState, { flow, step, run, from }: Piece): void {
  const name = flow.plan?.steps[step]?.name ?? '';
  const why =
    `the places of the results that '${name}' reads do not fit the header of a batch (${MAX_HEADER_BYTES} bytes); ` +
    'reduce the map, and refer to the result of the reduce';
  endStep(state, flow, run ?? from, step, FAILED, why);
}

function startBatch(state: BookState, id: BatchId, { pieces, tasks }: Bin): void {
  const entries: Entry[] = [];
  const batch: KnownBatch = {
    id,
    count: tasks,
    entries,
    draft: null,
    order: 0n,
    isActive: true,
    isOut: true,
    ends: null,
    reports: null,
    skipped: null,
    holders: 0,
  };
  let index = 0;
  for (const { flow, step, run, from, to, generation } of pieces) {
    const count = to - from;
    const stepName = flow.plan?.steps[step]?.name ?? '';
    const at = run === null ? { run: from, item: null } : { run, item: from };
    entries.push({ batch, index, count, flowId: flow.id, stepName, generation, ...at, flow, step });
    flow.hold(batch);
    flow.tasks += count;
    if (run === null) {
      flow.placesOf(step).set(from, to, id, index);
      for (let each = from; each < to; each++) flow.steps[flow.key(each, step)] = RUNNING;
    } else {
      const fan = flow.fans?.get(flow.key(run, step));
      fan?.places.set(from, to, id, index);
      for (let item = from; item < to; item++) fan?.set(item, RUNNING);
    }
    index += count;
  }
  state.batches.set(id, batch);
}
