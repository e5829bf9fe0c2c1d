import type { Operation } from '@drover/verify';
import type { Journal } from '../journal.js';
import { monotonicMs } from '../time.js';

type More = Partial<Omit<Operation, 'type' | 'op' | 'task' | 'client' | 'call'>>;

/** A call that has begun, to be ended by one of these. */
export interface Call {
  ok(more?: More): void;
  /** It was surely not done. */
  fail(error: unknown): void;
  /** Nobody knows whether it was done. */
  info(error: unknown): void;
}

/** The calls of one client and their answers: a line before each call, a line after it. */
export class ClientHistory {
  readonly #journal: Journal<Operation>;
  readonly #client: string;
  #calls: number;

  /** `calls`: how many this client made in earlier lives. */
  constructor(journal: Journal<Operation>, client: string, calls: number) {
    this.#journal = journal;
    this.#client = client;
    this.#calls = calls;
  }

  begin(op: Operation['op'], task: string, more: More = {}): Call {
    const call = this.#calls++;
    const write = (type: Operation['type'], what: More): void => {
      this.#journal.write({ at: monotonicMs(), client: this.#client, call, type, op, task, ...more, ...what });
    };
    write('invoke', {});
    return {
      ok: (what = {}) => write('ok', what),
      fail: (error) => write('fail', { error: textOf(error) }),
      info: (error) => write('info', { error: textOf(error) }),
    };
  }

  /** Ends a call of an earlier life, of which nobody knows whether it was done. */
  giveUp({ op, task, call }: Operation): void {
    const error = 'the client was killed';
    this.#journal.write({ at: monotonicMs(), client: this.#client, call, type: 'info', op, task, error });
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
