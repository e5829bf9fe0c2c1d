import { zoneNamed, type Calendar, type Zone } from '@drover/calendar';
import {
  childOf,
  decodeBatchHeader,
  decodeRecord,
  parseTasksPath,
  ROOTS,
  type FireRecord,
  type ScheduleStateRecord,
} from '@drover/protocol';
import { SCHEDULE_DEFAULTS, type Overlap } from '@drover/schedules';
import { BackfillRules } from './backfill-rules.js';
import type { Findings } from './findings.js';
import type { FireRules } from './fire-rules.js';
import { NominalTimes, type Times } from './nominal-times.js';
import { SchedulePages, type Stored } from './schedule-pages.js';
import type { ZnodeChange } from './znode-change.js';

/** A fire that a transaction makes. */
interface NewFire {
  readonly record: FireRecord;
  readonly batch: string;
  readonly index: number;
}

export interface ScheduleRulesOptions {
  nowMs: () => number;
  zonesOf: (sessionId: bigint) => (name: string) => Zone | null;
  isTimeRight: boolean;
}

/** A leader reckons ZooKeeper's clock by its own, which runs too fast by one in a thousand at most. */
const EARLY_MS = 50;
/** Fires are held where clocks differ by a minute; those of processes are wrong by as much. */
const AHEAD_MS = 120_000;

/**
 * The marks of schedules and their fires, told by the committed transactions alone: they change together; a nominal time is
 * named by one batch; each ends as exactly one of fired, skipped, missed and excluded; a removed schedule makes nothing.
 */
export class ScheduleRules {
  readonly #findings: Findings;
  readonly #fires: FireRules;
  readonly #options: ScheduleRulesOptions;
  readonly #backfills: BackfillRules;
  readonly #pages = new SchedulePages();
  readonly #times = new NominalTimes();
  /** Nominal times that a batch has named, by life. */
  readonly #named = new Map<string, Set<number>>();
  /** Overlap policies that triggers asked for, by command. */
  readonly #asked = new Map<string, Overlap>();

  /** Names of schedules of which somebody has asked for a reset. */
  readonly #resets = new Set<string>();

  constructor(findings: Findings, fires: FireRules, options: ScheduleRulesOptions) {
    this.#findings = findings;
    this.#fires = fires;
    this.#options = options;
    this.#backfills = new BackfillRules(findings, fires);
  }

  /** By name. */
  get stored(): ReadonlyMap<string, Stored> {
    return this.#pages.stored;
  }

  see(change: ZnodeChange): void {
    if (change.isSessionEnd) return;
    this.#seeOthers(change);
    const fires = firesOf(change);
    const { before, pages } = this.#pages.see(change);
    if (fires.length === 0 && pages.size === 0) return;
    const after = this.#pages.stored;
    const names = new Set([...fires.map(({ record }) => record.schedule), ...before.keys(), ...after.keys()]);
    for (const name of names) {
      const own = fires.filter(({ record }) => record.schedule === name);
      this.#seeOne(name, before.get(name), after.get(name), own, change);
    }
  }

  /** Calendars, and what commands ask for. */
  #seeOthers({ writes }: ZnodeChange): void {
    for (const write of writes) {
      const calendar = childOf(ROOTS.calendars, write.path);
      if (calendar !== null && write.op === 'delete') this.#times.setCalendar(calendar, null);
      if (write.op !== 'create' && write.op !== 'set') continue;
      if (calendar !== null) this.#times.setCalendar(calendar, decodeRecord('calendar', write.path, write.data).dates);
      const command = childOf(ROOTS.commands, write.path);
      if (command === null || write.op !== 'create' || !/trigger-schedule|reset-schedules/.test(String(write.data)))
        continue;
      const { request } = decodeRecord('command', write.path, write.data);
      if (request.kind === 'reset-schedules') for (const name of request.names) this.#resets.add(name);
      if (request.kind === 'trigger-schedule' && request.overlap !== undefined)
        this.#asked.set(command, request.overlap as Overlap);
    }
  }

  #seeOne(
    name: string,
    before: Stored | undefined,
    after: Stored | undefined,
    fires: readonly NewFire[],
    { sessionId }: ZnodeChange,
  ): void {
    const isSame = before !== undefined && before.life === after?.life;
    if (fires.length > 0 && !isSame) {
      this.#findings.add(
        `a fire of schedule ${name} was made, ${after === undefined ? 'which is not there' : 'which is new'}`,
      );
      return;
    }
    if (after === undefined) return;
    if (!isSame) this.#begins(after);
    else if (before.state !== after.state || before.record !== after.record)
      this.#moves(before, after, fires, this.#options.zonesOf(sessionId));
    else
      for (const { record } of fires)
        this.#findings.add(`fire ${record.n} of ${after.life} was made, and its mark did not move`);
  }

  #begins({ life, state, record }: Stored): void {
    const { seq, fired, skipped, missed, excluded, judged } = state;
    const isFresh = fired + skipped + missed + excluded === 0 && seq === record.since && judged === record.since;
    this.#findings.expect(isFresh, () => `schedule ${life} begins with ${JSON.stringify(state)}`);
    this.#isNow(life, state.mark);
  }

  /** A mark in the future would silence the schedule until then. */
  #isNow(life: string, mark: number): void {
    const ahead = mark - this.#options.nowMs();
    this.#findings.expect(ahead <= AHEAD_MS, () => `the mark of ${life} is ${ahead} ms ahead`);
  }

  #moves(before: Stored, after: Stored, fires: readonly NewFire[], zones: (name: string) => Zone | null): void {
    const { life } = after;
    const [old, now] = [before.state, after.state];
    const falls = (['seq', 'skipped', 'missed', 'excluded', 'failed', 'judged'] as const).find(
      (field) => now[field] < old[field],
    );
    this.#findings.expect(
      falls === undefined,
      () => `${falls ?? ''} of ${life} went back: ${JSON.stringify([old, now])}`,
    );
    const isQuiet = countOf(now) === countOf(old) && fires.length === 0;
    const isReset = isQuiet && this.#resets.has(after.record.name);
    this.#findings.expect(
      now.mark >= old.mark || isReset,
      () => `the mark of ${life} went back from ${old.mark} to ${now.mark}`,
    );
    if (now.mark < old.mark) this.#forget(life, now.mark);
    if (now.mark !== old.mark) this.#isNow(life, now.mark);
    this.#judges(life, old, now);
    this.#backfills.see(
      life,
      old,
      now,
      fires.map(({ record }) => record).filter(({ kind }) => kind === 'backfill'),
    );
    // One that its failures paused may be resumed before that was written.
    const wasPaused = isPaused(old) || (now.failed > old.failed && 'pauseAfterFailures' in before.record.spec);
    const isResumed = wasPaused && !isPaused(now) && isQuiet;
    if (before.record.revision !== after.record.revision || isResumed || isReset)
      this.#isChanged(life, old, now, fires);
    else this.#decides(before, after, fires, zones);
    for (const fire of fires) this.#makes(after, fire);
  }

  /** Times after the mark may come again: somebody has asked for that. */
  #forget(life: string, mark: number): void {
    const named = this.#named.get(life) ?? new Set<number>();
    for (const nominal of named) if (nominal > mark) named.delete(nominal);
  }

  /** Somebody changed, reset or resumed it: what passed before counts as nothing. */
  #isChanged(life: string, old: ScheduleStateRecord, now: ScheduleStateRecord, fires: readonly NewFire[]): void {
    const isLike = countOf(old) === countOf(now) && old.excluded === now.excluded && old.seq === now.seq;
    this.#findings.expect(
      isLike && fires.length === 0,
      () => `${life} was changed, and its counts with it: ${JSON.stringify([old, now])}`,
    );
  }

  /** The times between the marks are fired, skipped, missed or excluded, each as one of them. */
  #decides(before: Stored, { state: now, life }: Stored, fires: readonly NewFire[], zones: Zones): void {
    const old = before.state;
    const text = (): string => `${life}: ${JSON.stringify([old, now])}`;
    this.#findings.expect(!isPaused(old) || old.mark === now.mark, () => `the mark moved during a pause, ${text()}`);
    const triggers = fires.filter(({ record }) => record.kind === 'trigger');
    const timed = fires.filter(({ record }) => record.kind === 'time' || record.kind === 'catch-up');
    const replaced = triggers.length + timed.length - (now.fired - old.fired);
    const mayBeReplaced = this.#fires.waiting(before.life).length;
    this.#findings.expect(
      replaced >= 0 && replaced <= Math.min(mayBeReplaced, now.skipped - old.skipped),
      () => `${fires.length} fires were made, ${now.fired - old.fired} counted, ${mayBeReplaced} waited, ${text()}`,
    );
    const highest = Math.max(old.seq, ...fires.map(({ record }) => record.n));
    this.#findings.expect(now.seq >= highest, () => `fire ${highest} was made, ${text()}`);
    const counted = countOf(now) - countOf(old) - triggers.length;
    this.#covers(before, now, { counted, timed }, zones, text);
  }

  #covers(
    { record, state: old, life }: Stored,
    now: ScheduleStateRecord,
    { counted, timed }: { counted: number; timed: readonly NewFire[] },
    zones: Zones,
    text: () => string,
  ): void {
    const calendar = this.#calendarOf(record, zones);
    if (calendar === null) {
      this.#findings.expect(counted === 0, () => `a schedule that makes no sense has fired, ${text()}`);
      return;
    }
    if (calendar.afterEnd) {
      const isRight = counted === 0 ? old.mark === now.mark : now.mark > old.mark && timed.length <= 1;
      this.#findings.expect(isRight, () => `${counted} times were counted, ${timed.length} fires made, ${text()}`);
      return;
    }
    // A leader goes on from the time that is stored, or reckons it anew where calendars are concerned.
    const walks = [old.next, null].map((first) => this.#times.walk(calendar, old.mark, now.mark, first));
    const fits = ({ times, excluded }: Times): boolean =>
      times.length === counted &&
      excluded === now.excluded - old.excluded &&
      (times.at(-1) ?? old.mark) === now.mark &&
      timed.every(({ record: { nominal } }) => times.includes(nominal));
    this.#findings.expect(
      walks.some(fits),
      () => `${life} has the times ${JSON.stringify(walks)}, ${counted} were counted, ${text()}`,
    );
  }

  #calendarOf({ name, spec }: Stored['record'], zones: Zones): Calendar | null {
    try {
      return this.#times.calendar(name, spec.when, zones);
    } catch {
      return null;
    }
  }

  /** Fires are judged when they have ended, each once. */
  #judges(life: Stored['life'], old: ScheduleStateRecord, now: ScheduleStateRecord): void {
    if (now.judged === old.judged && now.failed === old.failed) return;
    const { most, unended } = this.#fires.failedOf(life, old.judged, now.judged);
    const failed = now.failed - old.failed;
    this.#findings.expect(unended === null, () => `${unended ?? ''} of ${life} was judged before it had ended`);
    this.#findings.expect(failed <= most, () => `${failed} fires of ${life} count as failed, ${most} have`);
  }

  #makes({ life, record: definition, state }: Stored, { record, batch, index }: NewFire): void {
    const { n, nominal, due, kind, id } = record;
    this.#findings.expect(
      n > definition.since && n <= state.seq,
      () => `fire ${n} of ${life} has a number that is not above its since, or above ${state.seq}`,
    );
    const policy = (definition.spec.overlap as Overlap | undefined) ?? SCHEDULE_DEFAULTS.overlap;
    if (kind === 'time' || kind === 'catch-up') {
      const named = this.#named.get(life) ?? new Set<number>();
      this.#named.set(life, named);
      this.#findings.expect(!named.has(nominal), () => `two batches name ${life} at ${nominal}`);
      named.add(nominal);
      const early = due - this.#options.nowMs();
      const isEarly = early > (this.#options.isTimeRight ? EARLY_MS : AHEAD_MS);
      this.#findings.expect(!isEarly && due >= nominal, () => `fire ${n} of ${life} was made ${early} ms early`);
    }
    const asked = id === undefined ? undefined : this.#asked.get(id);
    this.#fires.made(life, record, batch, index, asked ?? policy);
  }

  /** Schedules that are due and do not fire, or that have no next time though nothing of them runs. */
  stuck(nowMs: number, lateMs: number): string[] {
    return [...this.#pages.stored.values()]
      .filter(({ life, record, state: { due, more } }) => {
        if (more?.paused !== undefined || more?.endedAt !== undefined) return false;
        // Its calendar is gone: it stands still.
        if (this.#calendarOf(record, zoneNamed) === null) return false;
        if (due !== null) return due < nowMs - lateMs;
        return this.#fires.of(life).every(({ task }) => task.final !== null);
      })
      .map(({ life, state }) => `${life} ${JSON.stringify(state)}`);
  }
}

type Zones = (name: string) => Zone | null;

const isPaused = ({ more }: ScheduleStateRecord): boolean => more?.paused !== undefined;
const countOf = ({ fired, skipped, missed }: ScheduleStateRecord): number => fired + skipped + missed;

function firesOf({ writes }: ZnodeChange): NewFire[] {
  return writes.flatMap((write) => {
    const at = write.op === 'create' ? parseTasksPath(write.path) : null;
    if (write.op !== 'create' || at?.result !== null) return [];
    if (!write.data.subarray(0, HEADER_BYTES).includes('"fires"')) return [];
    const { fires = [] } = decodeBatchHeader(write.path, write.data);
    return fires.map((record, index) => ({ record, batch: at.batch, index }));
  });
}

/** The header stands in front. Payloads of other batches may say anything. */
const HEADER_BYTES = 64 * 1024;
