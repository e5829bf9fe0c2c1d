import { indexesOf, toRanges, type Outcome, type Range, type RangeEnd, type TaskId } from '@drover/core';
import { conclude, recordEach, succeed } from './ledger.js';
import { lateEnd, type LateEnd } from './lifetimes.js';
import type { AssignmentFact, ResultFact, RevokeReason, Superseded } from './model.js';
import { holdByReport } from './reservations.js';
import type { Planning, State } from './state.js';
import type { Slice, SubQueue } from './sub-queue.js';
import type { Death } from './suspects.js';
import type { BatchState } from './tasks.js';
import type { WorkerState } from './worker-state.js';

/** Tasks that are out: from the `assign` until the last report, or until its revocation is told. */
export interface Assignment {
  /** Its number in this planner; what the task tables know it by. */
  readonly seq: number;
  readonly fact: AssignmentFact;
  readonly batch: BatchState;
  readonly worker: WorkerState;
  /** Of its tasks. */
  readonly sub: SubQueue;
  /** The charge of its tenant for each task, in milliseconds; null: tenants of its queue share by tasks. */
  chargedMs: number | null;
  /** Its tasks that have not ended. The ledger's business alone. */
  open: number;
  /** The longest of its tasks' timeouts; null: some task has none. */
  readonly timeoutMs: number | null;
  recalled: boolean;
  /** Tasks that it handed back while it was being taken away: the revocation counts, if it comes in time. */
  handedBack: ReadonlySet<number>;
  /** Tasks that its worker was asked to abort, and how they end then. */
  toEnd: ReadonlyMap<number, AskedEnd>;
  /** The task that runs in the place of each one that was asked to end as superseded. */
  winners: ReadonlyMap<number, TaskId>;
  /** Its tasks are suspects of this death; null: they are none. */
  suspects: Death | null;
  /** Its one task is a suspect that runs alone. */
  isAlone: boolean;
  /** Its worker died with it: what it holds is suspected. Null: the worker lives, or left in order. */
  lostIn: Death | null;
  /** Its revocation was commanded, and is not told yet. */
  revoking: RevokeReason | null;
  /** Its znode is gone although no last report was told: the report is under way. */
  gone: boolean;
}

/** Somebody asked for it, another task of its unique key runs in its place, or its deadline is over. */
export type AskedEnd = 'cancelled' | 'superseded' | Extract<LateEnd, 'exceeded'>;

const NONE: ReadonlySet<number> = new Set();
const NOTHING: ReadonlyMap<number, AskedEnd> = new Map();
const NOBODY: ReadonlyMap<number, TaskId> = new Map();

/** The assignments that exist, by id and by number. */
export class AssignmentBook {
  readonly #byId = new Map<string, Assignment>();
  readonly #bySeq = new Map<number, Assignment>();
  #lastSeq = 0;

  nextSeq(): number {
    return ++this.#lastSeq;
  }

  add(assignment: Assignment): Assignment {
    this.#byId.set(assignment.fact.id, assignment);
    this.#bySeq.set(assignment.seq, assignment);
    assignment.worker.assignments.add(assignment);
    assignment.batch.assignments++;
    return assignment;
  }

  remove(assignment: Assignment): void {
    this.#byId.delete(assignment.fact.id);
    this.#bySeq.delete(assignment.seq);
    assignment.worker.assignments.delete(assignment);
    assignment.batch.assignments--;
  }

  byId(id: string): Assignment | undefined {
    return this.#byId.get(id);
  }

  all(): Iterable<Assignment> {
    return this.#bySeq.values();
  }

  bySeq(seq: number): Assignment | undefined {
    return this.#bySeq.get(seq);
  }
}

/** The tasks that it holds still, ascending. */
function heldBy({ fact, batch, seq }: Assignment): number[] {
  return [...indexesOf(fact.tasks)].filter((index) => batch.table?.holder(index) === seq);
}

// --- It begins

export function newAssignment(
  state: State,
  { batch, attempt, tasks }: Omit<Slice, 'count'>,
  worker: WorkerState,
  now: number,
): AssignmentFact {
  const id = state.assignmentId(batch.id, state.nextN());
  const fact = { id, worker: worker.id, batch: batch.id, tasks, attempt, at: now };
  return batch.queue.settings.fairness === 'time' ? { ...fact, timed: true } : fact;
}

/**
 * The cost of so many tasks to their tenant when they are handed out, in the unit in which tenants of the queue share.
 */
export function costOf({ speeds }: State, { queue, workClass }: SubQueue, tasks: number): number {
  return queue.settings.fairness === 'time' ? tasks * speeds.busyMsPerTask(workClass.type) : tasks;
}

/** Puts an assignment on the books. Its tasks are to be sent out right after, by the ledger. */
export function place(
  state: State,
  { fact, batch, sub, worker }: Pick<Assignment, 'fact' | 'batch' | 'sub' | 'worker'>,
): Assignment {
  return state.assignments.add({
    seq: state.assignments.nextSeq(),
    fact,
    batch,
    worker,
    sub,
    chargedMs: fact.timed === true ? state.speeds.busyMsPerTask(sub.workClass.type) : null,
    open: 0,
    timeoutMs: longestTimeout(batch, fact.tasks),
    recalled: fact.recall ?? false,
    handedBack: NONE,
    toEnd: askedBefore(fact),
    winners: fact.superseded === undefined ? NOBODY : new Map(fact.superseded),
    suspects: null,
    isAlone: false,
    lostIn: null,
    revoking: null,
    gone: false,
  });
}

function askedBefore({ cancel = [], exceeded = [], superseded = [] }: AssignmentFact): Assignment['toEnd'] {
  if (cancel.length + exceeded.length + superseded.length === 0) return NOTHING;
  const asked = new Map<number, AskedEnd>();
  for (const [index] of superseded) asked.set(index, 'superseded');
  for (const index of indexesOf(exceeded)) asked.set(index, 'exceeded');
  for (const index of indexesOf(cancel)) asked.set(index, 'cancelled');
  return asked;
}

/** Null: some task may take as long as it likes. */
function longestTimeout(batch: BatchState, tasks: readonly Range[]): number | null {
  if (batch.groups.length === 1) return batch.groups[0]?.timeoutMs ?? null;
  let longest = 0;
  for (const index of indexesOf(tasks)) {
    if (!batch.has(index)) continue;
    const { timeoutMs } = batch.groupAt(index);
    if (timeoutMs === null) return null;
    longest = Math.max(longest, timeoutMs);
  }
  return longest;
}

/**
 * The worker itself ends what takes too long; this is the net below it: the time for all that is out at the worker to
 * run one after the other, in as many waves as its places for the type make of it, and the grace.
 */
export function armDeadline(state: State, assignment: Assignment, from: number): void {
  const { timeoutMs, worker, seq } = assignment;
  if (timeoutMs === null) return;
  const waves = worker.waves(assignment.sub.workClass.type);
  state.due.add(from + waves * timeoutMs + state.settings.graceMs, { kind: 'deadline', assignment: seq });
}

// --- Its tasks end

/** Outcomes that say that a worker has run the task to its end. */
const TELLS_PACE: ReadonlySet<Outcome> = new Set<Outcome>(['succeeded', 'failed', 'rejected']);

/**
 * The report of its worker (or its revocation); only tasks that the assignment still holds are meant. A task that is
 * handed back while the assignment is being taken away waits for that: the revocation, if it comes in time, says `lost`
 * of these tasks too, and everybody who reads the results takes it for the end of the attempt.
 */
export function report(state: State, assignment: Assignment, fact: ResultFact): void {
  const { worker } = assignment;
  const { type } = assignment.sub.workClass;
  let ended = 0;
  let all = 0;
  const note = (outcome: Outcome, tasks: number): void => {
    all += tasks;
    if (TELLS_PACE.has(outcome)) ended += tasks;
  };
  if (fact.ends === 'all')
    for (const [from, to] of assignment.fact.tasks) note('succeeded', succeed(state, assignment, from, to, fact.at));
  else for (const end of fact.ends) note(end.outcome, endOf(state, assignment, end, fact.at));
  if (ended > 0) {
    const { at, spent } = fact;
    worker.progressed(type, { tasks: ended, at, spent, aheadMs: state.aheadMs });
    if (spent !== undefined) {
      state.speeds.reported(type, ended, spent.ranMs, at);
      state.classes.touchType(type);
    }
  }
  chargeTime(state, assignment, all, fact);
  const [first] = assignment.fact.tasks;
  if (fact.holds !== undefined && first !== undefined)
    holdByReport(state, { batch: assignment.batch, index: first[0], at: fact.at }, fact.holds);
  if (!fact.last) return;
  if (fact.spent !== undefined) {
    const tripMs = fact.at - assignment.fact.at - fact.spent.heldMs;
    worker.answeredAfter(tripMs);
    state.speeds.roundTrip.took(tripMs);
  }
  settle(state, assignment, fact.at);
}

/**
 * Its tenant pays for the time that its tasks took, where tenants share by that. `tasks`: of this report, however they
 * ended.
 */
function chargeTime(state: State, { sub, chargedMs }: Assignment, tasks: number, { at, spent }: ResultFact): void {
  if (chargedMs === null || tasks === 0 || spent?.busyMs === undefined) return;
  state.speeds.reportedBusy(sub.workClass.type, tasks, spent.busyMs, at);
  state.contest.correct(sub.level.tenant, spent.busyMs - chargedMs * tasks);
}

function endOf(state: State, assignment: Assignment, end: RangeEnd, at: number): number {
  if (end.outcome === 'succeeded') return succeed(state, assignment, end.from, end.to, at);
  if (end.outcome !== 'returned' || assignment.revoking === null) return endAllHeld(state, assignment, end, at);
  assignment.handedBack = new Set([...assignment.handedBack, ...indexesOf([[end.from, end.to]])]);
  return 0;
}

/**
 * The tasks of `[from, to)` that the assignment holds ended so; answers how many. One that was asked to be ended and
 * would run again ends instead: a cancel is no message that can come too late. So does one whose time is over by now.
 */
function endAllHeld(state: State, assignment: Assignment, end: RangeEnd, at: number): number {
  const { batch, toEnd, seq } = assignment;
  let count = 0;
  for (let index = end.from; index < end.to; index++) {
    if (batch.table?.holder(index) !== seq) continue;
    conclude(state, batch, index, { ...end, attempt: assignment.fact.attempt }, at, assignment.lostIn);
    // A report is written before it is told, and the heap may have looked in between: it does not look twice.
    const asked = toEnd.get(index) ?? lateEnd(batch, index, Math.max(at, state.firedUntil));
    const winner = asked === 'superseded' ? assignment.winners.get(index) : undefined;
    if (asked !== null && !batch.isOver(index))
      recordEach(state, batch, [{ index, outcome: asked, ...(winner === undefined ? {} : { winner }) }], at);
    count++;
  }
  return count;
}

/**
 * The assignment is over. The tasks that it held to the last were handed back, or its end is nowhere to be read: the
 * report is garbage or of a later version, or somebody removed the assignment by hand. The tasks may have run, so the
 * attempt is lost: its number is used up and three such losses end the task. The leader writes that, for everybody who
 * reads the results folds the same ends.
 */
export function settle(state: State, assignment: Assignment, at: number): void {
  if (assignment.open > 0) {
    const held = heldBy(assignment);
    const { handedBack } = assignment;
    const lost = held.filter((index) => !handedBack.has(index));
    recordLost(state, assignment, lost, at);
    for (const index of held)
      if (handedBack.has(index)) endAllHeld(state, assignment, { from: index, to: index + 1, outcome: 'returned' }, at);
  }
  forgetAssignment(state, assignment);
}

function recordLost(state: State, assignment: Assignment, indexes: readonly number[], at: number): void {
  if (indexes.length === 0) return;
  const { batch, worker, attempt } = assignment.fact;
  const ends = toRanges(indexes).map(([from, to]): RangeEnd => ({ from, to, outcome: 'lost' }));
  state.outbox.push({ kind: 'record', batch, n: state.nextN(), attempt, ends, worker });
  for (const end of ends) endAllHeld(state, assignment, end, at);
}

export function forgetAssignment(state: State, assignment: Assignment): void {
  state.assignments.remove(assignment);
  state.revocations.delete(assignment);
  state.notices.delete(assignment);
  const { worker, batch } = assignment;
  if (worker.gone && worker.assignments.size === 0) state.workers.drop(worker);
  if (batch.ended && !batch.removed) state.complete.add(batch);
}

/** Its znode is gone, and its last report, which did that, has been told or will be. */
export function assignmentGone(state: State, id: string): void {
  const assignment = state.assignments.byId(id);
  if (assignment === undefined) return;
  assignment.gone = true;
  state.revocations.delete(assignment);
  state.notices.delete(assignment);
  if (assignment.open === 0) forgetAssignment(state, assignment);
}

// --- It is taken away

export function revokeLater(
  state: State,
  assignment: Assignment,
  reason: 'worker-lost' | 'timed-out' | AskedEnd,
): void {
  if (assignment.revoking === null && !assignment.gone) state.revocations.set(assignment, reason);
}

/** Work without a timeout that was handed out before may hold the places: then nobody can tell, and the net waits. */
export function deadlineDue(state: State, seq: number, now: number): void {
  const assignment = state.assignments.bySeq(seq);
  if (assignment === undefined || assignment.open === 0) return;
  if (waitsForUntimed(assignment)) armDeadline(state, assignment, now);
  else revokeLater(state, assignment, 'timed-out');
}

function waitsForUntimed(assignment: Assignment): boolean {
  for (const other of assignment.worker.assignments) {
    if (other === assignment) return false;
    if (other.timeoutMs === null && other.open > 0) return true;
  }
  return false;
}

/** The worker was asked to abort, and has not. */
export function graceDue(state: State, seq: number): void {
  const assignment = state.assignments.bySeq(seq);
  if (assignment === undefined) return;
  for (const [index, end] of assignment.toEnd)
    if (assignment.batch.table?.holder(index) === seq) {
      revokeLater(state, assignment, end);
      return;
    }
}

/** The revocations to write; each takes effect when it is told as a fact. */
export function revokePending({ state, commands }: Planning): void {
  for (const [assignment, reason] of state.revocations) {
    assignment.revoking = reason;
    state.notices.delete(assignment);
    const { fact, lostIn } = assignment;
    const death = lostIn === null ? {} : { death: lostIn.many ? ('many' as const) : ('one' as const) };
    commands.push({ kind: 'revoke', assignment: fact, ends: endsOf(assignment, reason), reason, ...death });
  }
  state.revocations.clear();
}

/** The tasks that the assignment still holds, each with the end that the revocation gives it. */
function endsOf(assignment: Assignment, reason: RevokeReason): RangeEnd[] {
  const byOutcome = new Map<Outcome, number[]>();
  for (const index of heldBy(assignment)) {
    const outcome = outcomeOf(assignment, index, reason);
    const alike = byOutcome.get(outcome);
    if (alike === undefined) byOutcome.set(outcome, [index]);
    else alike.push(index);
  }
  return [...byOutcome].flatMap(([outcome, indexes]) =>
    outcome === 'superseded'
      ? supersededEnds(assignment, indexes)
      : toRanges(indexes).map(([from, to]) => ({ from, to, outcome })),
  );
}

function supersededEnds({ winners }: Assignment, indexes: readonly number[]): RangeEnd[] {
  return indexes.map((index) => {
    const winner = winners.get(index);
    return { from: index, to: index + 1, outcome: 'superseded', ...(winner === undefined ? {} : { winner }) };
  });
}

/**
 * A task that was asked to be ended ends so, whatever the reason. The assignment's other tasks are `lost`, not
 * `returned`: the worker is alive perhaps and may have begun them, even be about to end them, and an attempt that may
 * have begun must not share its number with the next one. That it counts against the limit of losses is the price; work
 * that can hang is slow, and slow work goes out in assignments of one task.
 */
function outcomeOf(assignment: Assignment, index: number, reason: RevokeReason): Outcome {
  const asked = assignment.toEnd.get(index);
  if (asked !== undefined) return asked;
  const timed = reason === 'timed-out' && assignment.batch.groupAt(index).timeoutMs !== null;
  return timed ? 'timed-out' : 'lost';
}

// --- Its worker is asked something

/** The task of it is to be aborted, and ends so; the worker has `graceMs` to obey. The first word counts. */
export function askToEnd(
  state: State,
  assignment: Assignment,
  index: number,
  end: AskedEnd,
  now: number,
  winner?: TaskId,
): void {
  if (assignment.toEnd.has(index)) return;
  if (winner !== undefined) assignment.winners = new Map([...assignment.winners, [index, winner]]);
  assignment.toEnd = new Map([...assignment.toEnd, [index, end]]);
  if (assignment.revoking === null && !assignment.gone) state.notices.add(assignment);
  state.due.add(now + state.settings.graceMs, { kind: 'grace', assignment: assignment.seq });
}

/** It is to hand back what has not begun. */
export function askToHandBack(state: State, assignment: Assignment): void {
  assignment.recalled = true;
  state.notices.add(assignment);
}

/** Whether it may be asked to hand back. */
export const isRecallable = ({ recalled, gone, revoking, open, suspects }: Assignment): boolean =>
  !recalled && !gone && revoking === null && open > 0 && suspects === null;

/** The requests to workers: all that was ever asked of the assignment, for it replaces what was asked before. */
export function notifyPending({ state, commands }: Planning): void {
  for (const assignment of state.notices) {
    const cancel = asked(assignment, 'cancelled');
    const exceeded = asked(assignment, 'exceeded');
    const late = exceeded.length === 0 ? {} : { exceeded };
    const superseded = supersededOf(assignment);
    const others = superseded.length === 0 ? late : { ...late, superseded };
    commands.push({ kind: 'notify', assignment: assignment.fact, recall: assignment.recalled, cancel, ...others });
  }
  state.notices.clear();
}

const supersededOf = ({ winners, toEnd }: Assignment): Superseded[] =>
  [...winners].filter(([index]) => toEnd.get(index) === 'superseded').sort(([a], [b]) => a - b);

const asked = ({ toEnd }: Assignment, end: AskedEnd): Range[] =>
  toRanges(
    [...toEnd]
      .filter(([, how]) => how === end)
      .map(([index]) => index)
      .sort((a, b) => a - b),
  );
