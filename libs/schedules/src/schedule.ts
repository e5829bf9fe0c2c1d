import type { ScheduleRecord, ScheduleStateRecord } from '@drover/protocol';
import type { PackedStates } from './packed-states.js';
import { SCHEDULE_DEFAULTS, type CatchUp, type Overlap } from './policies.js';
import type { ScheduleSpec } from './spec.js';

/** The line in the state of its page. It is replaced as a whole when what was decided is durable. */
export type ScheduleState = Readonly<ScheduleStateRecord>;

/**
 * A schedule in the leader's memory. Its definition stays the text that was read, which is a tenth of the objects: it is
 * parsed when the schedule is due.
 */
export class Schedule {
  readonly name: string;
  readonly slot: number;
  readonly page: PageId;
  readonly #states: PackedStates;
  line: string;
  /** Why it stands still; `null`: it does not. */
  broken: string | null = null;

  /** `states`: of its page. Its own is among them. */
  constructor(page: PageId, name: string, line: string, slot: number, states: PackedStates) {
    this.page = page;
    this.name = name;
    this.slot = slot;
    this.line = line;
    this.#states = states;
  }

  /** An object made anew each time. */
  get state(): ScheduleState {
    return this.#states.get(this.slot);
  }
  set state(state: ScheduleState) {
    this.#states.set(state);
  }

  /** Of its state. */
  get due(): number | null {
    return this.#states.dueOf(this.slot);
  }
  get more(): ScheduleState['more'] {
    return this.#states.moreOf(this.slot);
  }

  get record(): ScheduleRecord & { spec: ScheduleSpec } {
    return JSON.parse(this.line) as ScheduleRecord & { spec: ScheduleSpec };
  }

  /** It waits for nothing but its time. */
  get isLive(): boolean {
    return this.broken === null && this.more?.paused === undefined && this.more?.endedAt === undefined;
  }
}

export type PageId = string;

/** The state of a schedule that is set now. `since`: numbers of its fires are above it. */
export const newState = (slot: number, now: number, since: number): ScheduleState => ({
  ...{ slot, mark: now, next: null, due: null, seq: since },
  ...{ fired: 0, skipped: 0, missed: 0, excluded: 0, failed: 0, streak: 0, judged: since, missedThen: 0 },
  last: null,
});

export const overlapIn = ({ overlap }: Pick<ScheduleSpec, 'overlap'>): Overlap => overlap ?? SCHEDULE_DEFAULTS.overlap;
export const catchUpIn = ({ catchUp }: ScheduleSpec): { windowMs: number; run: CatchUp } => ({
  windowMs: catchUp?.window ?? SCHEDULE_DEFAULTS.catchUpWindowMs,
  run: catchUp?.run ?? SCHEDULE_DEFAULTS.catchUp,
});

type More = NonNullable<ScheduleState['more']>;

/** With these of the things that few have; `undefined` takes one away. */
export function withMore(
  state: ScheduleState,
  change: { [Name in keyof More]?: More[Name] | undefined },
): ScheduleState {
  const entries = Object.entries({ ...state.more, ...change }).filter(([, value]) => value !== undefined);
  const { more: _more, ...rest } = state;
  return entries.length === 0 ? rest : { ...rest, more: Object.fromEntries(entries) };
}

/** With the last reason of a kind. */
export const withReason = (
  state: ScheduleState,
  kind: 'skipped' | 'missed' | 'failed',
  reason: string,
): ScheduleState => withMore(state, { reasons: { ...state.more?.reasons, [kind]: reason } });
