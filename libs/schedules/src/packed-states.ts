import { MAX_SLOTS, type ScheduleMore, type ScheduleStateRecord } from '@drover/protocol';

/** Numbers of a state, in the order in which they lie in memory. `null` is NaN. */
const NUMBERS = [
  ...(['mark', 'next', 'due', 'seq', 'fired', 'skipped', 'missed', 'excluded', 'failed'] as const),
  ...(['streak', 'judged', 'missedThen'] as const),
] as const;
const [NEXT, DUE] = [1, 2];
const LAST_NOMINAL = NUMBERS.length;
const LAST_DUE = LAST_NOMINAL + 1;
const WIDTH = LAST_DUE + 1;
const FIRST_ROOM = 4;

/**
 * The states of a page in an array of numbers: half of what objects take, which counts with 100,000 schedules of which a few are
 * due at a time. A state that is asked for is an object made anew.
 */
export class PackedStates {
  #numbers = new Float64Array(FIRST_ROOM * WIDTH);
  /** The tasks of the last fires, by slot. */
  readonly #tasks: (string | undefined)[] = [];
  /** Of the few that have more, by slot. */
  #more: Map<number, ScheduleMore> | null = null;

  set(state: ScheduleStateRecord): void {
    const { slot, last, more } = state;
    this.#makeRoom(slot);
    const at = slot * WIDTH;
    NUMBERS.forEach((name, i) => (this.#numbers[at + i] = state[name] ?? NaN));
    this.#numbers[at + LAST_NOMINAL] = last?.[0] ?? NaN;
    this.#numbers[at + LAST_DUE] = last?.[1] ?? NaN;
    if (last !== null || this.#tasks[slot] !== undefined) this.#tasks[slot] = last?.[2];
    if (more !== undefined) (this.#more ??= new Map()).set(slot, more);
    else this.#more?.delete(slot);
  }

  /** Of a slot that was set. */
  get(slot: number): ScheduleStateRecord {
    const at = slot * WIDTH;
    const numbers = this.#numbers;
    const number = (i: number): number => numbers[at + i] ?? NaN;
    const times = { mark: number(0), next: orNull(number(NEXT)), due: orNull(number(DUE)), seq: number(3) };
    const counts = { fired: number(4), skipped: number(5), missed: number(6), excluded: number(7), failed: number(8) };
    const judging = { streak: number(9), judged: number(10), missedThen: number(11) };
    const task = this.#tasks[slot];
    const more = this.moreOf(slot);
    return {
      slot,
      ...times,
      ...counts,
      ...judging,
      last: task === undefined ? null : [number(LAST_NOMINAL), number(LAST_DUE), task],
      ...(more === undefined ? {} : { more }),
    };
  }

  /** The same as in the state, without making it. */
  dueOf(slot: number): number | null {
    return orNull(this.#numbers[slot * WIDTH + DUE] ?? NaN);
  }
  moreOf(slot: number): ScheduleMore | undefined {
    return this.#more?.get(slot);
  }

  #makeRoom(slot: number): void {
    let room = this.#numbers.length / WIDTH;
    if (slot < room) return;
    while (slot >= room) room *= 2;
    const before = this.#numbers;
    this.#numbers = new Float64Array(Math.min(room, MAX_SLOTS) * WIDTH);
    this.#numbers.set(before);
  }
}

const orNull = (number: number): number | null => (Number.isNaN(number) ? null : number);
