import {
  indexesOf,
  toRanges,
  UNIT,
  type Amounts,
  type Outcome,
  type Range,
  type RangeEnd,
  type TaskId,
} from '@drover/core';
import { claimOf } from './demands.js';
import { comeFromBeside, conclude, goOnBeside, passOver, recordEach, succeed } from './ledger.js';
import { lateEnd, type LateEnd } from './lifetimes.js';
import type { AssignmentFact, ResultFact, RevokeReason, Superseded } from './model.js';
import type { Demand } from './placement/dimensions.js';
import type { HeldDevices } from './placement/placed-worker.js';
import type { Counted } from './placement/spreads.js';
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
  /** So many of its tasks run at once, and claim resources; null: it claims none. */
  readonly width: number | null;
  /** Of each of its tasks. */
  readonly demand: Demand | null;
  readonly held: HeldDevices;
  /** Its tasks that are out count there, for they are spread. */
  readonly counted: readonly Counted[];
  /** The claim of each of its tasks that counts. */
  readonly claim: Amounts;
  /** The work of one of its tasks, where places of its worker are divided among accounts: microseconds. */
  readonly loadUs: number;
  /** The longest of its tasks' timeouts; null: some task has none. */
  readonly timeoutMs: number | null;
  recalled: boolean;
  /** Tasks that it handed back while it was being taken away: the revocation counts, if it comes in time. */
  handedBack: ReadonlySet<number>;
  /** Tasks that its worker was asked to abort, and how they end then. */
  toEnd: ReadonlyMap<number, AskedEnd>;
  /** The next attempt at its one task, begun beside it; null: there is none. */
  copy: Assignment | null;
  /** The last copy ended without success then, before that it was handed out: the next copy waits from here on. */
  copyFrom: number;
  /** The attempt beside which this one was begun, and which has the task; null: this one has its tasks itself. */
  copyOf: Assignment | null;
  /** Why its tasks are to make room for others; null: they are not. */
  makesRoom: RoomReason | null;
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

/** The ground on which tasks make room: `worker`: theirs needs it, for a reason of its own. */
export const ROOM_REASONS = ['priority', 'reclaim', 'fair', 'reservation', 'deadline', 'worker'] as const;
export type RoomReason = (typeof ROOM_REASONS)[number];

const NONE: ReadonlySet<number> = new Set();
const NOTHING: ReadonlyMap<number, AskedEnd> = new Map();
const NOBODY: ReadonlyMap<number, TaskId> = new Map();

/** The assignments that exist, by id and by number. */
export class AssignmentBook {
  readonly #byId = new Map<string, Assignment>();
  readonly #bySeq = new Map<number, Assignment>();
  /** Those of classes whose tasks make room for others, by worker. */
  readonly preemptible = new Map<WorkerState, Set<Assignment>>();
  /** Those of classes of which slow tasks may be begun once more. */
  readonly speculative = new Set<Assignment>();
  #lastSeq = 0;

  nextSeq(): number {
    return ++this.#lastSeq;
  }

  add(assignment: Assignment): Assignment {
    this.#byId.set(assignment.fact.id, assignment);
    this.#bySeq.set(assignment.seq, assignment);
    assignment.worker.assignments.add(assignment);
    assignment.batch.assignments++;
    if (assignment.sub.workClass.placement?.preemptible === true) this.#mayBePreempted(assignment);
    if (assignment.sub.workClass.placement?.speculative === true) this.speculative.add(assignment);
    return assignment;
  }

  #mayBePreempted(assignment: Assignment): void {
    const ofWorker = this.preemptible.get(assignment.worker);
    if (ofWorker === undefined) this.preemptible.set(assignment.worker, new Set([assignment]));
    else ofWorker.add(assignment);
  }

  remove(assignment: Assignment): void {
    this.speculative.delete(assignment);
    const ofWorker = this.preemptible.get(assignment.worker);
    if (ofWorker?.delete(assignment) === true && ofWorker.size === 0) this.preemptible.delete(assignment.worker);
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
  const demand = state.placement.demandOf(fact, sub.workClass);
  const assignment = state.assignments.add({
    seq: state.assignments.nextSeq(),
    fact,
    batch,
    worker,
    sub,
    chargedMs: fact.timed === true ? state.speeds.busyMsPerTask(sub.workClass.type) : null,
    open: 0,
    width: fact.width ?? null,
    counted: demand === null ? NOT_COUNTED : state.placement.countedAt(sub.workClass, worker),
    demand,
    held: demand === null || fact.devices === undefined ? NO_DEVICES : devicesOf(fact.devices, demand),
    claim: claimOf(fact, sub.workClass, (name) => state.quotas.isFloating(name)),
    loadUs: Math.max(1, Math.round(1_000 * (state.speeds.msPerTask(sub.workClass.type) ?? 1))),
    timeoutMs: longestTimeout(batch, fact.tasks),
    recalled: fact.recall ?? false,
    handedBack: NONE,
    toEnd: askedBefore(fact),
    makesRoom: fact.preempt === undefined ? null : 'priority',
    copy: null,
    copyFrom: fact.at,
    copyOf: null,
    winners: fact.superseded === undefined ? NOBODY : new Map(fact.superseded),
    suspects: null,
    isAlone: false,
    lostIn: null,
    revoking: null,
    gone: false,
  });
  state.placement.began(assignment);
  return assignment;
}

const NO_DEVICES: HeldDevices = [];
const NOT_COUNTED: readonly Counted[] = [];

const devicesOf = (devices: NonNullable<AssignmentFact['devices']>, { amounts }: Demand): HeldDevices =>
  Object.entries(devices).map(([name, names]) => [name, names, Math.min(UNIT, amounts[name] ?? 0)]);

function askedBefore(fact: AssignmentFact): Assignment['toEnd'] {
  if (fact.cancel === undefined && fact.exceeded === undefined && fact.superseded === undefined) return NOTHING;
  const { cancel = [], exceeded = [], superseded = [] } = fact;
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
  if (assignment.copyOf !== null && !copyReports(state, assignment, fact)) return;
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
  else
    for (const end of fact.ends) {
      const tasks = endOf(state, assignment, end, fact.at);
      if (end.outcome === 'preempted') state.preempted[assignment.makesRoom ?? 'worker'] += tasks;
      note(end.outcome, tasks);
    }
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
  if (assignment.copy !== null) rivalIsOver(state, assignment, assignment.copy, at);
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
  state.placement.ended(assignment);
  state.workers.touch(assignment.worker);
  state.revocations.delete(assignment);
  state.notices.delete(assignment);
  const { worker, batch } = assignment;
  if (worker.gone && worker.assignments.size === 0) state.workers.drop(worker);
  if (batch.ended && !batch.removed) state.complete.add(batch);
}

// --- Two attempts at one task

/** It began beside another one of its task. False: nothing follows from the report, for the other one goes on. */
function copyReports(state: State, copy: Assignment, { ends, at }: ResultFact): boolean {
  const { copyOf: other, fact } = copy;
  const hasSucceeded = ends === 'all' || ends.some(({ outcome }) => outcome === 'succeeded');
  if (!hasSucceeded || other === null) {
    endCopy(state, copy, at);
    return false;
  }
  // ZooKeeper has deleted the assignment of the other one in the transaction of this report.
  copy.copyOf = null;
  other.copy = null;
  for (const index of indexesOf(fact.tasks)) passOver(state, other, copy, index);
  forgetAssignment(state, other);
  return true;
}

/** The attempt that began beside another one is over. A task that fails at once is not begun again and again beside it. */
function endCopy(state: State, copy: Assignment, at: number): void {
  comeFromBeside(state, copy);
  if (copy.copyOf !== null) Object.assign(copy.copyOf, { copy: null, copyFrom: at });
  copy.copyOf = null;
  forgetAssignment(state, copy);
}

/**
 * The attempt that had the task is over. If the task is over too, the copy is taken away, and nothing is written of it; else the
 * copy is the next attempt, as if it had been handed out now, and its worker is told that it has no rival any more.
 */
function rivalIsOver(state: State, other: Assignment, copy: Assignment, at: number): void {
  other.copy = null;
  const [index] = indexesOf(copy.fact.tasks);
  if (index === undefined || copy.batch.isOver(index) || copy.revoking !== null || copy.gone) {
    copy.copyOf = other;
    revokeLater(state, copy, 'outrun');
    return;
  }
  copy.copyOf = null;
  delete copy.fact.rival;
  delete copy.fact.isCopy;
  goOnBeside(state, copy, index, at);
  state.notices.add(copy);
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
  reason: 'worker-lost' | 'timed-out' | 'terminated' | 'preempted' | 'outrun' | AskedEnd,
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

/** The worker was asked to let its tasks make room, and they are there still. */
export function roomDue(state: State, seq: number): void {
  const assignment = state.assignments.bySeq(seq);
  if (assignment !== undefined && assignment.open > 0) revokeLater(state, assignment, 'preempted');
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
  if (assignment.makesRoom !== null && reason !== 'worker-lost') return 'preempted';
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

/** Whether its tasks may be asked to: none of them made room too often, and it claims what could become free. */
export function mayMakeRoom({ settings }: State, assignment: Assignment): boolean {
  const { makesRoom, revoking, gone, open, suspects, width, batch } = assignment;
  if (
    assignment.copyOf !== null ||
    makesRoom !== null ||
    revoking !== null ||
    gone ||
    open === 0 ||
    suspects !== null ||
    width === null
  )
    return false;
  return heldBy(assignment).every((index) => (batch.table?.progress(index).preemptions ?? 0) < settings.maxPreemptions);
}

/** All tasks of it are to make room; the worker has the grace for that, and ours to tell. */
export function askToMakeRoom(state: State, assignment: Assignment, reason: RoomReason, now: number): void {
  if (assignment.makesRoom !== null) return;
  assignment.makesRoom = reason;
  if (assignment.revoking === null && !assignment.gone) state.notices.add(assignment);
  armRoom(state, assignment, now);
}

/** All the time again where this leader found that it was asked. */
export function armRoom({ due, settings }: State, { seq }: Assignment, now: number): void {
  due.add(now + settings.preemptGraceMs + settings.graceMs, { kind: 'room', assignment: seq });
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
    const makesRoom = assignment.makesRoom !== null && {
      preempt: toRanges(heldBy(assignment)),
      preemptGraceMs: state.settings.preemptGraceMs,
    };
    const others = { ...late, ...(superseded.length > 0 && { superseded }), ...makesRoom };
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
