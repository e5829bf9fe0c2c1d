import type { State } from './state.js';

const MINUTE_MS = 60_000;
/** Of what runs. */
const PART = 0.05;
const LEAST = 20;
const MOST_A_SECOND = 50;

/** Bounds how many assignments make room in a minute for the sake of fairness alone: what is only fair may wait. */
export class Storm {
  #asked: number[] = [];

  asked(now: number): void {
    this.#asked.push(now);
  }

  /** So many more may be asked now. */
  left({ tally }: State, now: number): number {
    this.#asked = this.#asked.filter((at) => at > now - MINUTE_MS);
    const inSecond = this.#asked.filter((at) => at > now - 1_000).length;
    const inMinute = Math.max(LEAST, Math.floor(tally.out * PART));
    return Math.max(0, Math.min(inMinute - this.#asked.length, MOST_A_SECOND - inSecond));
  }
}
