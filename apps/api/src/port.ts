import type { Facts, FromApi, FromScheduler, QuestionName, Questions } from '@drover/api';
import type { Health, Runtime } from '@drover/runtime';
import { ApiError } from './api-error.js';

/** How long the scheduler's thread may be silent until it counts as stuck. */
export const BEAT_WITHIN_MS = 10_000;
/** How long an answer may take: the scheduler gives each within a few milliseconds of its thread. */
const ANSWER_WITHIN_MS = 2_000;
const RETRY_AFTER_MS = 1_000;

/** The two ends of a channel to the scheduler's thread. */
export interface Channel {
  post(message: FromApi): void;
  /** Calls `listener` with every message from now on. */
  listen(listener: (message: FromScheduler) => void): void;
}

interface Asking {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** Asks the scheduler of this process, and hears what it tells without being asked. */
export class SchedulerPort {
  readonly #channel: Channel;
  readonly #runtime: Runtime;
  readonly #asking = new Map<number, Asking>();
  readonly #begunAt: number;
  #questions = 0;
  #beatAt: number | null = null;
  #health: (Health & { hasConnected: boolean }) | null = null;
  #onFacts: (facts: Facts) => void = () => undefined;
  #onStop: () => void = () => undefined;

  constructor(channel: Channel, runtime: Runtime) {
    this.#channel = channel;
    this.#runtime = runtime;
    this.#begunAt = runtime.monotonic();
    channel.listen((message) => this.#heard(message));
  }

  /** The scheduler's last word of itself; null: there was none. */
  get health(): (Health & { hasConnected: boolean }) | null {
    return this.#health;
  }

  /** For how long, in milliseconds, its event loop has not been heard of. */
  silentMs(): number {
    return this.#runtime.monotonic() - (this.#beatAt ?? this.#begunAt);
  }

  listening(url: string): void {
    this.#channel.post({ kind: 'listening', url });
  }

  /** Calls `onFacts` with what changes at the scheduler. */
  follow(onFacts: (facts: Facts) => void): void {
    this.#onFacts = onFacts;
    this.#channel.post({ kind: 'follow' });
  }

  onStop(listener: () => void): void {
    this.#onStop = listener;
  }

  /** Rejects with `ApiError` `leader-unreachable` where no answer comes, and with an error of this program. */
  async ask<Name extends QuestionName>(name: Name, ask: Questions[Name]['ask']): Promise<Questions[Name]['answer']> {
    const id = ++this.#questions;
    const answered = new Promise<unknown>((resolve, reject) => this.#asking.set(id, { resolve, reject }));
    const timer = this.#runtime.after(ANSWER_WITHIN_MS, () => this.#asking.get(id)?.reject(silent(this.silentMs())));
    this.#channel.post({ kind: 'ask', id, name, ask });
    try {
      return (await answered) as Questions[Name]['answer'];
    } finally {
      timer.cancel();
      this.#asking.delete(id);
    }
  }

  #heard(message: FromScheduler): void {
    switch (message.kind) {
      case 'answer':
        this.#asking.get(message.id)?.resolve(message.answer);
        return;
      case 'failed':
        this.#asking.get(message.id)?.reject(new Error(`the scheduler could not answer: ${message.message}`));
        return;
      case 'facts':
        this.#onFacts(message.facts);
        return;
      case 'beat':
        this.#beatAt = this.#runtime.monotonic();
        this.#health = message.health;
        return;
      case 'stop':
        this.#onStop();
    }
  }
}

const silent = (silentMs: number): ApiError =>
  new ApiError(
    'leader-unreachable',
    `the scheduler of this process did not answer within ${ANSWER_WITHIN_MS} ms; its event loop was last heard of ${Math.round(silentMs)} ms ago`,
    { retryAfterMs: RETRY_AFTER_MS },
  );
