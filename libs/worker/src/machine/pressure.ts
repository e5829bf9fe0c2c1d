import type { MachineLoad } from './machine.js';

/** Beyond each of them a worker is pressed. */
export interface PressureBounds {
  /** See `MachineLoad`. */
  stalled: number;
  memory: number;
  /** Load average; `null`: any. */
  load: number | null;
}

/** Memory: whoever computes with all processors is busy, and not pressed, so that processors count only where they are bounded. */
export const PRESSURE = { stalled: 0.2, memory: 0.9 } as const;
/** How long nothing may have been over its bound before the worker is at ease again. */
export const CALM_MS = 10_000;

/** Pure. Whether a worker is pressed, by what it has measured so far. */
export class Pressure {
  readonly #bounds: PressureBounds;
  #overAtMs: number | null = null;
  /** Why it is pressed, for people; `null`: it is not. */
  why: string | null = null;

  constructor(bounds: PressureBounds) {
    this.#bounds = bounds;
  }

  /** `nowMs`: monotonic. Returns whether it began or ended now. */
  look(load: MachineLoad, nowMs: number): boolean {
    const before = this.why;
    const over = this.#over(load);
    if (over !== null) {
      this.#overAtMs = nowMs;
      this.why ??= over;
    } else if (this.#overAtMs !== null && nowMs - this.#overAtMs >= CALM_MS) {
      this.#overAtMs = null;
      this.why = null;
    }
    return (before === null) !== (this.why === null);
  }

  #over({ memory, stalled, load }: MachineLoad): string | null {
    const bounds = this.#bounds;
    if (memory !== null && memory > bounds.memory) return `${percent(memory)} of the memory is in use`;
    if (stalled !== null && stalled > bounds.stalled)
      return `somebody waited for memory in ${percent(stalled)} of the last 10 s`;
    if (load !== null && bounds.load !== null && load > bounds.load) return `the load average is ${load}`;
    return null;
  }
}

const percent = (part: number): string => `${Math.round(part * 100)} %`;
