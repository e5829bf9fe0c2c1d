import { PULSE } from './messages.js';

/** Characters of log lines that may be on their way from a thread of handlers to the main thread. */
const MAX_CHARS = 4 * 1024 * 1024;

/**
 * Bounds the log lines that handlers have written and the main thread has not read yet, so that a handler which logs in a
 * tight loop fills nobody's memory. Both threads count in shared memory.
 */
export class LogBudget {
  readonly #pulse: Int32Array;

  constructor(pulse: Int32Array) {
    this.#pulse = pulse;
  }

  /** False: there is no room, and the line is to be dropped. */
  take(chars: number): boolean {
    if (Atomics.load(this.#pulse, PULSE.LOG_CHARS) + chars > MAX_CHARS) return false;
    Atomics.add(this.#pulse, PULSE.LOG_CHARS, chars);
    return true;
  }

  /** The main thread has read lines with so many characters. */
  giveBack(chars: number): void {
    Atomics.sub(this.#pulse, PULSE.LOG_CHARS, chars);
  }
}
