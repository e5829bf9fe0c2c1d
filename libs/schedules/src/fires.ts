import { taskId } from '@drover/core';
import type { FireKind, FireStarts, FireWait } from '@drover/protocol';

/** A fire of which the task has not ended; or the run, or the broadcast, that it started. */
export interface Fire {
  readonly schedule: string;
  readonly n: number;
  readonly nominal: number;
  readonly due: number;
  readonly kind: FireKind;
  readonly starts: FireStarts;
  /** Of a run the flow, of a broadcast its id. */
  readonly batch: string;
  /** 0 of what is no task. */
  readonly index: number;
  /** As it was created; absent: it never waited. */
  readonly wait: FireWait | undefined;
  /** Of a trigger: the command; of a back-fill: its id. */
  readonly id: string | undefined;
  /** It does not wait, or no longer. */
  released: boolean;
  /** A newer one has replaced it while it waited: it is being cancelled. */
  superseded: boolean;
}

/**
 * Fires that have not ended, by schedule in the order of their numbers, and by task. Those of back-fills are apart: they are in
 * nobody's way, and nobody is in theirs.
 */
export class Fires {
  readonly #bySchedule = new Map<string, Fire[]>();
  readonly #byTask = new Map<string, Fire>();
  readonly #backfilled = new Map<string, Set<Fire>>();

  get size(): number {
    return this.#byTask.size;
  }

  add(fire: Fire): void {
    const key = keyOf(fire.batch, fire.index);
    if (this.#byTask.has(key)) return;
    this.#byTask.set(key, fire);
    if (fire.kind === 'backfill') return this.#addBackfilled(fire);
    const others = this.#bySchedule.get(fire.schedule);
    if (others === undefined) {
      this.#bySchedule.set(fire.schedule, [fire]);
      return;
    }
    let at = others.length;
    while (at > 0 && (others[at - 1]?.n ?? 0) > fire.n) at--;
    others.splice(at, 0, fire);
  }

  #addBackfilled(fire: Fire): void {
    const key = backfillKey(fire.schedule, fire.id);
    const others = this.#backfilled.get(key);
    if (others === undefined) this.#backfilled.set(key, new Set([fire]));
    else others.add(fire);
  }

  /** Its task has ended. */
  remove(batch: string, index: number): Fire | undefined {
    const key = keyOf(batch, index);
    const fire = this.#byTask.get(key);
    if (fire === undefined) return undefined;
    this.#byTask.delete(key);
    if (fire.kind === 'backfill') return this.#removeBackfilled(fire);
    const others = this.#bySchedule.get(fire.schedule) ?? [];
    others.splice(others.indexOf(fire), 1);
    if (others.length === 0) this.#bySchedule.delete(fire.schedule);
    return fire;
  }

  #removeBackfilled(fire: Fire): Fire {
    const key = backfillKey(fire.schedule, fire.id);
    const others = this.#backfilled.get(key);
    others?.delete(fire);
    if (others?.size === 0) this.#backfilled.delete(key);
    return fire;
  }

  /** Of one back-fill. */
  ofBackfill(schedule: string, id: string): ReadonlySet<Fire> {
    return this.#backfilled.get(backfillKey(schedule, id)) ?? NO_FIRES;
  }

  /** Of all back-fills of a schedule, also of those that were removed. */
  backfilled(schedule: string): Fire[] {
    if (this.#backfilled.size === 0) return [];
    return [...this.#backfilled].flatMap(([key, fires]) => (key.startsWith(`${schedule} `) ? [...fires] : []));
  }

  /** Without those of back-fills. */
  of(schedule: string): readonly Fire[] {
    return this.#bySchedule.get(schedule) ?? NONE;
  }

  at(batch: string, index: number): Fire | undefined {
    return this.#byTask.get(keyOf(batch, index));
  }

  all(): Iterable<Fire> {
    return this.#byTask.values();
  }
}

/** The id of what it started. */
export const idOf = ({ starts, batch, index }: Pick<Fire, 'starts' | 'batch' | 'index'>): string =>
  starts === 'broadcast' ? batch : taskId(batch, index);

const NONE: readonly Fire[] = [];
const NO_FIRES: ReadonlySet<Fire> = new Set();
/** Names have no spaces. */
const backfillKey = (schedule: string, id: string | undefined): string => `${schedule} ${id ?? ''}`;
const keyOf = (batch: string, index: number): string => `${batch}.${index}`;

/**
 * The waiting fire that may start now: the first one, if no fire that was released has not ended. One that is superseded
 * is in nobody's way.
 */
export function nextToRelease(fires: readonly Fire[]): Fire | null {
  if (fires.some(({ released }) => released)) return null;
  return fires.find(({ superseded }) => !superseded) ?? null;
}

/** The effect of a waiting fire on the earlier ones. */
export interface Against {
  /** They waited, and do not run any more. */
  readonly superseded: readonly Fire[];
  /** They run, and are to be cancelled. */
  readonly cancelled: readonly Fire[];
  /** ... and to be taken from their workers at once. */
  readonly terminated: readonly Fire[];
}

/**
 * The effect of `fire` on the fires before it: it follows from the way in which it waits, so a new leader finds the same, and
 * asks again.
 */
export function against(wait: FireWait, earlier: readonly Fire[]): Against {
  const replaces = wait === 'latest' || wait === 'cancel' || wait === 'terminate';
  const running = earlier.filter(({ released }) => released);
  return {
    superseded: replaces ? earlier.filter(({ released, superseded }) => !released && !superseded) : [],
    cancelled: wait === 'cancel' ? running : [],
    terminated: wait === 'terminate' ? running : [],
  };
}
