import { checkFires } from '@drover/calendar';
import { DroverError, InvalidArgumentError, parseName } from '@drover/core';
import { encodeSchedule, startedOf, type ChangeRecord, type ScheduleReplyRecord, type Started } from '@drover/protocol';
import type { Book } from './book.js';
import { Drafts } from './drafts.js';
import type { Fire } from './fires.js';
import { checkInput } from './given-flow.js';
import { overlapOf } from './overlap.js';
import { Packer, workOf, type NewBatch, type NewRun } from './pack.js';
import type { PageDraft } from './page.js';
import type { Overlap } from './policies.js';
import { isFlowRun, type FlowRunSpec } from './run-spec.js';
import { newState, overlapIn, withMore, type Schedule, type ScheduleState } from './schedule.js';
import { parseSpec, type ScheduleSpec } from './spec.js';
import { aim, reckoningOf } from './times.js';

/** The transactions of a command, each transaction by itself, and what became of each schedule if it was. */
export interface Change {
  readonly replies: ScheduleReplyRecord[];
  readonly transactions: readonly (readonly PageDraft[])[];
}

export interface GivenSchedule {
  readonly name: string;
  readonly spec: unknown;
  /** The revision that is expected; 0: there is none. */
  readonly ifRevision?: number | undefined;
}

/** Sets schedules; each that is refused has its reason in its reply, the others are set. */
export function setSchedules(book: Book, given: readonly GivenSchedule[], asked: ChangeRecord): Change {
  const drafts = new Drafts(book);
  const seen = new Set<string>();
  const replies = given.map((each) => {
    if (seen.has(each.name)) return refusal(each.name, 'the command names it twice');
    seen.add(each.name);
    return setOne(book, drafts, each, asked);
  });
  return { replies, transactions: drafts.transactions() };
}

function setOne(book: Book, drafts: Drafts, given: GivenSchedule, asked: ChangeRecord): ScheduleReplyRecord {
  const { name, ifRevision } = given;
  const known = book.names.get(name);
  const page = known === undefined ? undefined : book.pages.get(known.page);
  if (page !== undefined && page.broken !== null) return refusal(name, `page ${page.id} is left alone: ${page.broken}`);
  const revision = known?.record.revision ?? 0;
  if (ifRevision !== undefined && ifRevision !== revision)
    return { name, ok: false, code: 'revision', revision, message: `revision ${revision} is there, not ${ifRevision}` };
  try {
    parseName('name', name);
    const spec = parseSpec(given.spec);
    if (isFlowRun(spec.run)) checkFlowRun(book, spec.run);
    const { calendars, zones } = book.times;
    checkFires('when', spec.when, { name, calendars, ...zones, after: asked.at });
    // One that stands still begins anew: what it lacked may be there by now.
    if (known?.broken === null && JSON.stringify(known.record.spec) === JSON.stringify(spec))
      return { name, ok: true, change: 'unchanged', revision };
    if (known === undefined) addNew(book, drafts, name, spec, asked);
    else changeKnown(book, drafts, known, spec, asked);
    return { name, ok: true, change: known === undefined ? 'created' : 'changed', revision: revision + 1 };
  } catch (error) {
    if (!(error instanceof DroverError)) throw error;
    const code = error instanceof InvalidArgumentError ? { code: 'invalid' } : {};
    return { ...refusal(name, error.message), ...code };
  }
}

/** Its plan is there, can be run, and finds in the input what it wants of it. */
function checkFlowRun(book: Book, { flow, plan: hash, input }: FlowRunSpec): void {
  const plan = book.options.planOf(hash);
  if (plan === null)
    throw new InvalidArgumentError(
      'run.plan',
      `run.plan: there is no plan ${hash} that can be run: give the flow itself`,
    );
  if (plan.name !== flow) throw new InvalidArgumentError('run.flow', flow, `'${plan.name}', the name in its plan`);
  checkInput(plan, input);
}

const refusal = (name: string, message: string): ScheduleReplyRecord => ({ name, ok: false, message });

/** Numbers of its fires are above those of an earlier schedule of its name that has not ended. */
function addNew(book: Book, drafts: Drafts, name: string, spec: ScheduleSpec, asked: ChangeRecord): void {
  const since = Math.max(asked.at, ...[...book.fires.of(name), ...book.fires.backfilled(name)].map(({ n }) => n));
  const aimed = aim(newState(0, asked.at, since), reckoningOf(book.times, { name }, spec), asked.at, asked.at);
  drafts.add((slot) => {
    const line = encodeSchedule({ slot, name, revision: 1, since, spec, changedBy: asked });
    return { name, line, state: { ...aimed, slot } };
  });
}

/** No time before now is fired any more: the mark moves. Waiting and running fires go on. */
function changeKnown(book: Book, drafts: Drafts, known: Schedule, spec: ScheduleSpec, asked: ChangeRecord): void {
  const { name, record } = known;
  const state = aimedFrom(book, known, withMore(known.state, { endedAt: undefined }), spec, asked.at);
  drafts.change(known, (slot) => {
    const line = encodeSchedule({ ...record, slot, revision: record.revision + 1, spec, changedBy: asked });
    return { name, line, state: { ...state, slot } };
  });
}

function aimedFrom(book: Book, known: Schedule, before: ScheduleState, spec: ScheduleSpec, now: number): ScheduleState {
  const state = { ...before, mark: Math.max(before.mark, now), next: null, due: null };
  if (state.more?.paused !== undefined) return state;
  const runs = book.fires.of(known.name).some(({ n }) => n > known.record.since);
  return aim(state, reckoningOf(book.times, known, spec), now, runs ? null : now);
}

/** Removes schedules. Waiting fires are to be cancelled, with `cancel` running ones too; when the transactions were applied. */
export function removeSchedules(book: Book, names: readonly string[]): Change {
  const drafts = new Drafts(book);
  const replies = names.map((name): ScheduleReplyRecord => {
    const schedule = book.names.get(name);
    const page = schedule === undefined ? undefined : book.pages.get(schedule.page);
    if (schedule === undefined || page === undefined) return unknown(name);
    if (page.broken !== null) return refusal(name, `page ${page.id} is left alone: ${page.broken}`);
    drafts.of(page).take(schedule.slot);
    return { name, ok: true, change: 'removed' };
  });
  return { replies, transactions: drafts.transactions() };
}

const unknown = (name: string): ScheduleReplyRecord => ({
  ...{ name, ok: false, code: 'unknown', message: `no schedule named '${name}'` },
});

/** After a removal: fires that are to be cancelled are asked for. */
export function cancelFiresOf(book: Book, name: string, running: boolean): Fire[] {
  const all = running ? [...book.fires.of(name), ...book.fires.backfilled(name)] : book.fires.of(name);
  const fires = all.filter(({ released, superseded }) => (running || !released) && !superseded);
  for (const fire of fires) {
    if (!fire.released) fire.superseded = true;
    book.asks.push({ kind: 'cancel', fire, reason: `schedule ${name} was removed` });
  }
  return fires;
}

/** Times that pass during a pause are neither fired nor missed. */
export const pauseSchedules = (book: Book, names: readonly string[], paused: boolean, asked: ChangeRecord): Change =>
  changeStates(book, names, (schedule) => {
    const { state } = schedule;
    if (!paused && state.more?.paused === undefined) return { change: 'unchanged', state: null };
    if (paused) return { change: 'paused', state: pausedState(state, asked) };
    return { change: 'resumed', state: resumedState(book, schedule, asked.at) };
  });

/**
 * The mark is now, wherever it was: for schedules of which a clock that was wrong has moved the mark into the future, and for those
 * of which nothing is to be caught up.
 */
export const resetSchedules = (book: Book, names: readonly string[], now: number): Change =>
  changeStates(book, names, (schedule) => {
    const open = withMore({ ...schedule.state, mark: now }, { endedAt: undefined });
    return { change: 'reset', state: aimedFrom(book, schedule, open, schedule.record.spec, now) };
  });

function changeStates(
  book: Book,
  names: readonly string[],
  changed: (schedule: Schedule) => { change: string; state: ScheduleState | null },
): Change {
  const drafts = new Drafts(book);
  const replies = names.map((name): ScheduleReplyRecord => {
    const schedule = book.names.get(name);
    const page = schedule === undefined ? undefined : book.pages.get(schedule.page);
    if (schedule === undefined || page === undefined) return unknown(name);
    if (page.broken !== null) return refusal(name, `page ${page.id} is left alone: ${page.broken}`);
    try {
      const { change, state } = changed(schedule);
      if (state !== null) drafts.of(page).setState(schedule.slot, state);
      return { name, ok: true, change };
    } catch (error) {
      return refusal(name, (error as Error).message);
    }
  });
  return { replies, transactions: drafts.transactions() };
}

const pausedState = (state: ScheduleState, asked: ChangeRecord): ScheduleState =>
  withMore({ ...state, next: null, due: null }, { paused: asked });

function resumedState(book: Book, schedule: Schedule, now: number): ScheduleState {
  const open = withMore({ ...schedule.state, streak: 0 }, { paused: undefined });
  return aimedFrom(book, schedule, open, schedule.record.spec, now);
}

/** A trigger, decided. */
export type Triggered =
  | { ok: true; started: Started; draft: PageDraft; batches: readonly NewBatch[]; runs: readonly NewRun[] }
  | { ok: true; started: Started; draft: null }
  | { ok: false; code?: string; message: string };

/** Fires a schedule now, also while it is paused. The mark stays. `id`: of the command; done once, however often asked. */
export function triggerSchedule(
  book: Book,
  name: string,
  { overlap, id, now }: { overlap: Overlap | undefined; id: string; now: number },
): Triggered {
  const done = book.startedBy(id);
  if (done !== undefined) return { ok: true, started: startedOf(done), draft: null };
  const schedule = book.names.get(name);
  const page = schedule === undefined ? undefined : book.pages.get(schedule.page);
  if (schedule === undefined || page === undefined)
    return { ok: false, code: 'unknown', message: `no schedule named '${name}'` };
  if (page.broken !== null) return { ok: false, message: `page ${page.id} is left alone: ${page.broken}` };
  const { since, spec } = schedule.record;
  const unfinished = book.fires.of(name).filter(({ n }) => n > since);
  const verdict = overlapOf(overlap ?? overlapIn(spec), unfinished);
  if (verdict.kind === 'skip')
    return {
      ok: false,
      code: 'overlap',
      message: `not triggered: ${verdict.reason}; 'allow' starts it all the same, 'buffer-one' lets it wait`,
    };
  const n = schedule.state.seq + 1;
  const wait = verdict.kind === 'wait' ? { wait: verdict.wait } : {};
  const packer = new Packer(book.options.newId);
  const work = workOf(spec);
  if (work.starts === 'flow' && book.options.planOf(work.run.plan) === null)
    return {
      ok: false,
      message: `not triggered: plan ${work.run.plan} is not there; set the schedule again, with its flow`,
    };
  const fire = { schedule: name, n, nominal: now, due: now, kind: 'trigger' as const, missed: 0, ...wait, id };
  const task = packer.add(fire, work);
  const draft = new Drafts(book).of(page);
  const { fired } = schedule.state;
  draft.setState(schedule.slot, { ...schedule.state, seq: n, fired: fired + 1, last: [now, now, task] });
  const { batches, runs } = packer;
  return { ok: true, started: startedOf(task), draft, batches, runs };
}
