import { AttemptLog } from './attempt-log.js';

/** All attempts that have ended, together. */
const ENDED_CHARS = 8 * 1024 * 1024;

/** The attempts whose log is stored with the result: those that failed, all, none. */
export const RUN_LOG_MODES = ['failed', 'all', 'none'] as const;
export type RunLogMode = (typeof RUN_LOG_MODES)[number];

const keyOf = (task: string, attempt: number): string => `${task}/${attempt}`;

/**
 * The logs of the attempts of this process: of those that run, and of those that have ended as far as there is room. An
 * attempt that logs nothing costs nothing.
 */
export class RunLogs {
  readonly #logs = new Map<string, AttemptLog>();
  /** Those that have ended, the one that was looked at longest ago first. */
  readonly #ended = new Map<string, AttemptLog>();
  #endedChars = 0;
  readonly #endedLimit: number;

  constructor(endedLimit = ENDED_CHARS) {
    this.#endedLimit = endedLimit;
  }

  /** The log of an attempt that runs: made when it is first asked for. */
  open(task: string, attempt: number): AttemptLog {
    const log = new AttemptLog(task, attempt);
    this.#logs.set(keyOf(task, attempt), log);
    return log;
  }

  /** Nothing more will be logged. */
  end(log: AttemptLog): void {
    const key = keyOf(log.task, log.attempt);
    log.end();
    if (this.#logs.get(key) === log) this.#logs.delete(key);
    this.#forget(key);
    if (log.chars === 0) return;
    this.#ended.set(key, log);
    this.#endedChars += log.chars;
    for (const [oldest] of this.#ended) {
      if (this.#endedChars <= this.#endedLimit) break;
      this.#forget(oldest);
    }
  }

  /** `null`: the attempt has logged nothing, or its lines are gone. */
  find(task: string, attempt: number): AttemptLog | null {
    const key = keyOf(task, attempt);
    const running = this.#logs.get(key);
    if (running !== undefined) return running;
    const ended = this.#ended.get(key);
    if (ended === undefined) return null;
    this.#ended.delete(key);
    this.#ended.set(key, ended);
    return ended;
  }

  #forget(key: string): void {
    this.#endedChars -= this.#ended.get(key)?.chars ?? 0;
    this.#ended.delete(key);
  }
}
