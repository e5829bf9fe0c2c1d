import { MAX_TIMES } from './settings.js';
import { against, type Fire } from './fires.js';
import { overlapOf } from './overlap.js';
import { catchUpIn, overlapIn, withReason, type Schedule, type ScheduleState } from './schedule.js';
import { aim, excludedBefore, type Reckoning } from './times.js';
import type { FireRecord } from '@drover/protocol';

/** The times of one schedule that are due, decided. Nothing of it is true before it is written. */
export interface Decided {
  readonly state: ScheduleState;
  /** Tasks to be made, in their order. */
  readonly fires: readonly FireRecord[];
  /** Times of this decision that were missed, and the last reason. */
  readonly missed: number;
  readonly whyMissed: string | null;
  readonly skipped: number;
}

export interface Moment {
  readonly now: number;
  /** Since when fires have not been held. A time that was due before it was missed, or is caught up. */
  readonly since: number;
}

/**
 * Decides the times of the schedule that are due, the oldest first, as far as `MAX_TIMES` and `mostFires` go: each is
 * fired, skipped or missed. `unfinished`: its fires that have not ended.
 */
export function decideDue(
  schedule: Pick<Schedule, 'name' | 'state'>,
  reckoning: Reckoning,
  unfinished: readonly Fire[],
  moment: Moment,
  mostFires: number,
): Decided {
  const draft = new Draft(schedule, reckoning, unfinished, moment);
  for (let times = 0; times < MAX_TIMES && draft.isDue && draft.made < mostFires; times++) draft.decideNext();
  return draft.decided();
}

/** A fire that a draft has made, or one that is there. */
type Before = Pick<Fire, 'n' | 'released' | 'superseded'> & { record?: FireRecord };

class Draft {
  readonly #name: string;
  readonly #reckoning: Reckoning;
  readonly #moment: Moment;
  readonly #missedBefore: number;
  readonly #skippedBefore: number;
  #before: Before[];
  #fires: FireRecord[] = [];
  #state: ScheduleState;
  #whyMissed: string | null = null;

  constructor(
    { name, state }: Pick<Schedule, 'name' | 'state'>,
    reckoning: Reckoning,
    unfinished: readonly Fire[],
    moment: Moment,
  ) {
    this.#name = name;
    this.#state = state;
    this.#reckoning = reckoning;
    this.#moment = moment;
    this.#before = [...unfinished];
    this.#missedBefore = state.missed;
    this.#skippedBefore = state.skipped;
  }

  get made(): number {
    return this.#fires.length;
  }

  get isDue(): boolean {
    const { next, due } = this.#state;
    return next !== null && due !== null && due <= this.#moment.now;
  }

  decideNext(): void {
    const { next, due } = this.#state;
    if (next === null || due === null) return;
    const isLate = due < this.#moment.since;
    const why = isLate ? this.#whyMissedAt(next, due) : null;
    this.#state = { ...this.#state, excluded: excludedBefore(this.#state, this.#reckoning) };
    const fires = why === null && this.#fire(next, due, isLate ? 'catch-up' : 'time');
    if (why !== null) this.#miss(why);
    this.#advance(next, fires);
  }

  #miss(why: string): void {
    this.#state = withReason({ ...this.#state, missed: this.#state.missed + 1 }, 'missed', why);
    this.#whyMissed = why;
  }

  decided(): Decided {
    const { missed, skipped } = this.#state;
    return {
      state: this.#state,
      fires: this.#fires,
      missed: missed - this.#missedBefore,
      whyMissed: this.#whyMissed,
      skipped: skipped - this.#skippedBefore,
    };
  }

  /** Of a time that passed while nobody could fire it; `null`: it is caught up. */
  #whyMissedAt(nominal: number, due: number): string | null {
    const { windowMs, run } = catchUpIn(this.#reckoning.spec);
    if (this.#moment.now - due > windowMs) return 'older than the catch-up window';
    if (run === 'none') return 'nobody could fire it, and nothing is caught up';
    if (run === 'latest' && this.#isFollowedByLate(nominal)) return 'only the latest is caught up';
    return null;
  }

  /** The next time was late, too. */
  #isFollowedByLate(nominal: number): boolean {
    const { due } = aim({ ...this.#state, mark: nominal }, this.#reckoning, this.#moment.now, null);
    return due !== null && due < this.#moment.since;
  }

  /** False: it is skipped. */
  #fire(nominal: number, due: number, kind: 'time' | 'catch-up'): boolean {
    const verdict = overlapOf(overlapIn(this.#reckoning.spec), this.#before);
    if (verdict.kind === 'skip') {
      this.#state = withReason({ ...this.#state, skipped: this.#state.skipped + 1 }, 'skipped', verdict.reason);
      return false;
    }
    if (verdict.kind === 'wait') this.#replace(verdict.wait);
    const n = this.#state.seq + 1;
    const missed = this.#state.missed - this.#state.missedThen;
    const waiting = verdict.kind === 'wait' ? { wait: verdict.wait } : {};
    const record: FireRecord = { schedule: this.#name, n, nominal, due, kind, missed, ...waiting };
    this.#before.push({ n, released: verdict.kind === 'start', superseded: false, record });
    this.#fires.push(record);
    const { missed: missedThen, fired } = this.#state;
    this.#state = { ...this.#state, seq: n, fired: fired + 1, missedThen };
    return true;
  }

  /**
   * Those that a new one replaces while they wait count as skipped; those that are not made yet never are. They are the last
   * ones, and their numbers are used again: numbers have no holes.
   */
  #replace(wait: NonNullable<FireRecord['wait']>): void {
    const { superseded } = against(wait, this.#before as unknown as readonly Fire[]);
    if (superseded.length === 0) return;
    const replaced = new Set<unknown>(superseded);
    this.#before = this.#before.map((each) => (replaced.has(each) ? { ...each, superseded: true } : each));
    const gone = new Set(superseded.map((each) => (each as Before).record));
    const made = this.#fires.filter((record) => !gone.has(record));
    const unmade = this.#fires.length - made.length;
    this.#fires = made;
    const { fired, skipped, seq } = this.#state;
    const counts = { fired: fired - superseded.length, skipped: skipped + superseded.length, seq: seq - unmade };
    this.#state = withReason({ ...this.#state, ...counts }, 'skipped', SUPERSEDED);
  }

  /** A next time that counts from the end of a fire counts from now if there was none. */
  #advance(nominal: number, hasFired: boolean): void {
    const { now } = this.#moment;
    this.#state = aim({ ...this.#state, mark: nominal }, this.#reckoning, now, hasFired ? null : now);
  }
}

export const SUPERSEDED = 'superseded by a newer fire';
