import { setTimeout as delay } from 'node:timers/promises';

/** Faults last as long as some sessions do: a client that gives up earlier would never learn whether its task is durable. */
const PATIENCE_MS = 90_000;
/** One that hangs is left for the next one. */
const WITHIN_MS = 10_000;
const AGAIN_MS = 300;

export interface Asking {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  /** How long the answer may take beyond what any answer takes. */
  waitMs?: number;
}

export interface Answer {
  status: number;
  /** The document; of an error its `code` and `detail`. */
  json: Record<string, unknown>;
}

/** Thrown for an error that asking again does not mend. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly status: number;
  constructor({ status, json }: Answer) {
    super(`${status} ${String(json.code)}: ${String(json.detail)}`);
    this.status = status;
  }
}

/** All replicas of the API: whoever asks is answered by the next one that can. */
export class Replicas {
  readonly #apis: readonly string[];
  #next = 0;

  constructor(apis: readonly string[]) {
    this.#apis = apis;
  }

  /** The address of another one each time. */
  next(): string {
    return this.#apis[this.#next++ % this.#apis.length] ?? '';
  }

  /**
   * Asks one after the other until one answers: so a question that changes something must be one that may be repeated. Rejects
   * with `RefusedError`, and with why the last one did not answer.
   */
  async ask(path: string, asking: Asking = {}): Promise<Answer> {
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      const api = this.next();
      const answer = await askOnce(api + path, asking).catch((error: unknown) => error as Error);
      if (!(answer instanceof Error)) {
        if (answer.status < 400) return answer;
        if (answer.status !== 429 && answer.status < 500) throw new RefusedError(answer);
      }
      if (performance.now() > until) throw answer instanceof Error ? answer : new RefusedError(answer);
      await delay(AGAIN_MS);
    }
  }
}

export async function askOnce(url: string, { waitMs = 0, ...asking }: Asking): Promise<Answer> {
  const answer = await fetch(url, { ...asking, signal: AbortSignal.timeout(WITHIN_MS + waitMs) });
  return { status: answer.status, json: (await answer.json()) as Answer['json'] };
}
