import { DroverError, parseName } from '@drover/core';
import { parseDates } from '@drover/calendar';
import {
  calendarPath,
  type ChangeRecord,
  type CommandAnswer,
  type CommandRecord,
  type CommandRequest,
  type ScheduleReplyRecord,
} from '@drover/protocol';
import {
  addBackfill,
  cancelBackfill,
  cancelFiresOf,
  OVERLAP_NAMES,
  pauseSchedules,
  reaim,
  removeBackfill,
  removeSchedules,
  resetSchedules,
  setSchedules,
  triggerSchedule,
  tryBackfill,
  viewOf,
  type Change,
  type Overlap,
  type PageDraft,
} from '@drover/schedules';
import type { Flows } from '../flows/flows.js';
import { changeOf, NOT_WRITTEN } from '../requests/requests.decide.js';
import type { TermContext } from '../term/term-context.js';
import { calendarOperation } from './operations.js';
import type { Schedules, WriteDrafts } from './schedules.js';

type Kind =
  | 'set-schedules'
  | 'remove-schedules'
  | 'pause-schedules'
  | 'reset-schedules'
  | 'trigger-schedule'
  | 'backfill-schedule'
  | 'remove-backfill'
  | 'show-schedule'
  | 'set-calendar'
  | 'remove-calendar';
export type ScheduleRequest = Extract<CommandRequest, { kind: Kind }>;
type RequestOf<K extends Kind> = Extract<CommandRequest, { kind: K }>;
type Asking = Pick<CommandRecord, 'by' | 'reason'>;

const KINDS: ReadonlySet<string> = new Set<Kind>([
  ...([
    'set-schedules',
    'remove-schedules',
    'pause-schedules',
    'reset-schedules',
    'trigger-schedule',
    'show-schedule',
  ] as const),
  ...(['backfill-schedule', 'remove-backfill', 'set-calendar', 'remove-calendar'] as const),
]);
export const isScheduleRequest = (request: CommandRequest): request is ScheduleRequest => KINDS.has(request.kind);

/** Requests about schedules: carried out while nothing is fired, and answered when that is durable. */
export class ScheduleRequests {
  readonly #context: TermContext;
  readonly #schedules: Schedules;
  readonly #flows: Pick<Flows, 'withPlans'>;
  readonly #closed: () => string | null;

  constructor(
    context: TermContext,
    schedules: Schedules,
    flows: Pick<Flows, 'withPlans'>,
    closed: () => string | null,
  ) {
    this.#context = context;
    this.#schedules = schedules;
    this.#flows = flows;
    this.#closed = closed;
  }

  /** `id`: of the command, the same if another leader carries it out again. */
  async act(id: string, request: ScheduleRequest, asking: Asking): Promise<CommandAnswer> {
    if (request.kind === 'show-schedule') return this.#show(request);
    if (request.kind === 'backfill-schedule' && request.dryRun === true) return this.#tryBackfill(request);
    return this.#schedules.exclusively((write) => this.#change(id, request, asking, write));
  }

  #show({ name }: RequestOf<'show-schedule'>): CommandAnswer {
    const schedule = viewOf(this.#schedules.book, name);
    if (schedule === null) return { ok: true, schedules: [unknownSchedule(name)] };
    const { held } = this.#schedules;
    return { ok: true, schedule: { ...schedule, ...(held === null ? {} : { held }) } };
  }

  #change(
    id: string,
    request: Exclude<ScheduleRequest, RequestOf<'show-schedule'>>,
    asking: Asking,
    write: WriteDrafts,
  ): Promise<CommandAnswer> {
    const { book } = this.#schedules;
    const asked = changeOf(asking, this.#context.clock.now());
    const { skewMs } = this.#schedules;
    if (skewMs !== null && movesMarks(request)) return Promise.resolve({ ok: false, message: whySkewed(skewMs) });
    switch (request.kind) {
      case 'set-schedules':
        return this.#set(request, asked, write);
      case 'pause-schedules':
        return this.#apply(pauseSchedules(book, request.names, request.paused, asked), write);
      case 'reset-schedules':
        return this.#apply(resetSchedules(book, request.names, asked.at), write);
      case 'remove-schedules':
        return this.#remove(request, write);
      case 'trigger-schedule':
        return this.#trigger(id, request, write);
      case 'backfill-schedule':
        return this.#backfill(id, request, asked, write);
      case 'remove-backfill':
        return this.#removeBackfill(request, write);
      case 'set-calendar':
        return this.#setCalendar(request, asking);
      case 'remove-calendar':
        return this.#removeCalendar(request);
    }
  }

  /** Their plans go first, and stay: nobody removes one that a schedule is about to name. */
  #set(
    { schedules, plans = [] }: RequestOf<'set-schedules'>,
    asked: ChangeRecord,
    write: WriteDrafts,
  ): Promise<CommandAnswer> {
    const hashes = schedules.flatMap(({ spec }) => planIn(spec) ?? []);
    return this.#flows.withPlans({ texts: plans, hashes }, async (refusal) => {
      if (refusal !== null) return { ok: false, message: refusal };
      const { book } = this.#schedules;
      const change = setSchedules(book, schedules, asked);
      // A schedule whose plan is not there is refused by itself: the others need not have it.
      const known = [...new Set(hashes)].filter((hash) => book.options.planOf(hash) !== null);
      return this.#apply(change, (drafts) => write(drafts, { plans: known }));
    });
  }

  async #remove({ names, cancel }: RequestOf<'remove-schedules'>, write: WriteDrafts): Promise<CommandAnswer> {
    const { book } = this.#schedules;
    const answer = await this.#apply(removeSchedules(book, names), write);
    for (const { name, ok } of answer.schedules ?? []) if (ok) cancelFiresOf(book, name, cancel === true);
    return answer;
  }

  async #trigger(
    id: string,
    { name, overlap }: RequestOf<'trigger-schedule'>,
    write: WriteDrafts,
  ): Promise<CommandAnswer> {
    const closed = this.#closed();
    if (closed !== null)
      return { ok: false, message: `schedule ${name} is not triggered: no tasks are accepted, ${closed}` };
    if (overlap !== undefined && !isOverlap(overlap))
      return { ok: false, message: `overlap: expected one of ${OVERLAP_NAMES.join(', ')}, got '${overlap}'` };
    const now = this.#context.clock.now();
    const done = triggerSchedule(this.#schedules.book, name, { overlap, id, now });
    if (!done.ok) {
      const { code, message } = done;
      return { ok: true, schedules: [{ name, ok: false, ...(code === undefined ? {} : { code }), message }] };
    }
    const { starts, id: task } = done.started;
    const answer = { ok: true, task, ...(starts !== 'task' && { starts }) };
    if (done.draft === null) return answer;
    const { draft, batches, runs } = done;
    const isWritten = await this.#locked([draft], async () => (await write([draft], { batches, runs })) === 'applied');
    return isWritten ? answer : REFUSED;
  }

  async #backfill(
    id: string,
    request: RequestOf<'backfill-schedule'>,
    asked: ChangeRecord,
    write: WriteDrafts,
  ): Promise<CommandAnswer> {
    const { book } = this.#schedules;
    const added = addBackfill(book, request, id, asked);
    if (!added.ok) return { ok: true, schedules: [added] };
    const { draft, backfill } = added;
    return draft === null || (await this.#writeOne(draft, write)) ? { ok: true, backfill } : REFUSED;
  }

  #tryBackfill(request: RequestOf<'backfill-schedule'>): CommandAnswer {
    const tried = tryBackfill(this.#schedules.book, request, this.#context.clock.now());
    if (!tried.ok) return { ok: true, schedules: [tried] };
    const { times, cursor } = tried;
    return { ok: true, times, cursor };
  }

  async #removeBackfill(
    { name, id, cancel }: RequestOf<'remove-backfill'>,
    write: WriteDrafts,
  ): Promise<CommandAnswer> {
    const { book } = this.#schedules;
    const removed = removeBackfill(book, name, id);
    if (!removed.ok) return { ok: true, schedules: [removed] };
    if (!(await this.#writeOne(removed.draft, write))) return REFUSED;
    if (cancel === true) cancelBackfill(book, name, id);
    return { ok: true, schedules: [{ name, ok: true, change: 'removed' }] };
  }

  #writeOne(draft: PageDraft, write: WriteDrafts): Promise<boolean> {
    return this.#locked([draft], async () => (await write([draft])) === 'applied');
  }

  /** Each transaction by itself. Nothing after one that is refused is done. */
  async #apply({ replies, transactions }: Change, write: WriteDrafts): Promise<CommandAnswer> {
    return this.#locked(transactions.flat(), async () => {
      for (const drafts of transactions) if ((await write(drafts)) !== 'applied') return REFUSED;
      return { ok: true, schedules: replies };
    });
  }

  /** Ends of fires change nothing of these pages meanwhile. */
  async #locked<T>(drafts: readonly PageDraft[], work: () => Promise<T>): Promise<T> {
    const { book } = this.#schedules;
    book.lock(drafts);
    const done = await work();
    for (const { page } of drafts) if (page.locked) book.unlock(page);
    return done;
  }

  async #setCalendar({ name, dates }: RequestOf<'set-calendar'>, asking: Asking): Promise<CommandAnswer> {
    const { book } = this.#schedules;
    const { clock, writer } = this.#context;
    try {
      parseName('name', name);
      const parsed = parseDates('dates', dates);
      const isKnown = book.times.calendars.has(name);
      const operation = calendarOperation(name, parsed, isKnown, changeOf(asking, clock.now()));
      const answer = await writer.attempt([operation], { urgent: true });
      if (answer?.applied !== true) return REFUSED;
      book.times.setCalendar(name, parsed);
      reaim(book, name, clock.now());
      return { ok: true };
    } catch (error) {
      if (!(error instanceof DroverError)) throw error;
      return { ok: false, message: error.message };
    }
  }

  /** One that schedules name is kept, unless it is forced: they stand still then. */
  async #removeCalendar({ name, force }: RequestOf<'remove-calendar'>): Promise<CommandAnswer> {
    const { book } = this.#schedules;
    if (!book.times.calendars.has(name)) return { ok: false, message: `no calendar named '${name}'` };
    const mark = `{"calendar":${JSON.stringify(name)}}`;
    const users = [...book.names.values()].filter(({ line }) => line.includes(mark)).map((schedule) => schedule.name);
    if (users.length > 0 && force !== true) {
      const [first = '', ...others] = users;
      const more = others.length === 0 ? '' : ` and ${others.length} more`;
      return {
        ok: false,
        message: `calendar '${name}' is in use by schedule ${first}${more}; it is removed only with force`,
      };
    }
    const answer = await this.#context.writer.attempt([{ op: 'delete', path: calendarPath(name) }], { urgent: true });
    if (answer === null || (!answer.applied && answer.code !== 'NO_NODE')) return REFUSED;
    book.times.setCalendar(name, null);
    reaim(book, name, this.#context.clock.now());
    return { ok: true };
  }
}

/** A mark is set to the time: with a wrong one nothing would fire until then. */
const movesMarks = (request: ScheduleRequest): boolean =>
  request.kind === 'set-schedules' ||
  request.kind === 'reset-schedules' ||
  (request.kind === 'pause-schedules' && !request.paused);

function whySkewed(aheadMs: number): string {
  const seconds = Math.round(Math.abs(aheadMs) / 1_000).toLocaleString('en-US');
  const way = aheadMs > 0 ? 'ahead of' : 'behind';
  return `schedules are set, reset and resumed when the clocks agree: ZooKeeper's is ${seconds} s ${way} the leader's; set them right`;
}

const REFUSED: CommandAnswer = { ok: false, message: NOT_WRITTEN };
const isOverlap = (text: string): text is Overlap => (OVERLAP_NAMES as readonly string[]).includes(text);
const unknownSchedule = (name: string): ScheduleReplyRecord => ({
  ...{ name, ok: false, code: 'unknown', message: `no schedule named '${name}'` },
});

/** The plan that a schedule names, as somebody gives it. */
function planIn({ run }: { run?: unknown }): string | null {
  const plan = typeof run === 'object' && run !== null && 'plan' in run ? run.plan : null;
  return typeof plan === 'string' ? plan : null;
}
