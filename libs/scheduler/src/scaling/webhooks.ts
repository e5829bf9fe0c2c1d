import { createHmac } from 'node:crypto';
import type { Advice } from '@drover/planner';
import { inBackground, messageOf, withDeadline } from '@drover/runtime';
import { backoff } from '../term/backoff.decide.js';
import type { TermContext } from '../term/term-context.js';

export interface WebhookTarget {
  readonly url: string;
  readonly secret: string;
}

const WITHIN_MS = 10_000;
const AGAIN = { firstMs: 1_000, longestMs: 60_000 };

interface Message {
  readonly target: WebhookTarget;
  readonly body: string;
}

type WebhookContext = Pick<TermContext, 'epoch' | 'clock' | 'runtime' | 'log' | 'later' | 'active' | 'broken'>;

/** Posts a body; rejects where it does not arrive, resolves with the status of the answer. */
export type Post = (
  url: string,
  options: { headers: Readonly<Record<string, string>>; body: string; signal: AbortSignal },
) => Promise<number>;

const post: Post = async (url, options) => {
  const answer = await fetch(url, { method: 'POST', redirect: 'manual', ...options });
  await answer.body?.cancel();
  return answer.status;
};

/** The receiver compares it with the header: of the text `time.body`. */
export const signatureOf = (secret: string, time: string, body: string): string =>
  createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');

/**
 * Tells advice to the URLs of pools, each at least once: until an answer of 2xx, with the same `id`, and pauses that grow to a minute. Newer
 * advice of the pool takes the place of what has not arrived. A new leader tells its first advice again.
 */
export class Webhooks {
  readonly #context: WebhookContext;
  readonly #post: Post;
  /** By pool: what has not arrived. */
  readonly #waiting = new Map<string, Message>();
  readonly #sending = new Set<string>();
  #n = 0;

  constructor(context: WebhookContext, send: Post = post) {
    this.#context = context;
    this.#post = send;
  }

  tell(pool: string, target: WebhookTarget, advice: Advice): void {
    const id = `${this.#context.epoch}-${++this.#n}`;
    this.#waiting.set(pool, { target, body: JSON.stringify({ id, ...advice }) });
    if (this.#sending.has(pool)) return;
    this.#sending.add(pool);
    inBackground(this.#send(pool), (error) => this.#context.broken(error));
  }

  async #send(pool: string): Promise<void> {
    let failure: string | null = null;
    let times = 0;
    for (let message = this.#waiting.get(pool); message !== undefined; message = this.#waiting.get(pool)) {
      const problem = await this.#deliver(message);
      if (!this.#context.active()) return;
      if (problem === null) {
        if (this.#waiting.get(pool) === message) this.#waiting.delete(pool);
        times = 0;
        failure = null;
        continue;
      }
      if (problem !== failure) this.#context.log.event('webhook.failed', { pool, reason: problem });
      failure = problem;
      if (!(await this.#context.later(backoff(++times, AGAIN.firstMs, AGAIN.longestMs)))) return;
    }
    this.#sending.delete(pool);
  }

  /** Null: it has arrived. */
  async #deliver({ target: { url, secret }, body }: Message): Promise<string | null> {
    const { clock, runtime } = this.#context;
    const time = String(Math.round(clock.now()));
    const headers = {
      'content-type': 'application/json',
      'drover-time': time,
      'drover-signature': signatureOf(secret, time, body),
    };
    try {
      const status = await withDeadline(runtime, WITHIN_MS, (signal) => this.#post(url, { headers, body, signal }));
      return status >= 200 && status < 300 ? null : `it answered ${status}`;
    } catch (error) {
      return causeOf(error);
    }
  }
}

/** The error of `fetch` itself says only that it failed. */
const causeOf = (error: unknown): string =>
  messageOf(error instanceof Error && error.cause !== undefined ? error.cause : error);
