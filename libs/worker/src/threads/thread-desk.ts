import type { StepAsk, StepReply } from '../steps/step-call.js';
import { StepRefusedError } from '../steps/step-call.js';
import type { FromThread, WireReply } from './messages.js';

/** The context of a call asks here for what only the main thread can read or write. */
export interface StepDesk {
  /** Rejects with `StepRefusedError`. */
  ask(n: number, what: StepAsk): Promise<StepReply>;
}

/** The desk in a thread of handlers: questions go to the main thread as messages. */
export class ThreadDesk implements StepDesk {
  readonly #send: (message: FromThread) => void;
  readonly #asked = new Map<number, { resolve: (reply: StepReply) => void; reject: (error: Error) => void }>();
  #last = 0;

  constructor(send: (message: FromThread) => void) {
    this.#send = send;
  }

  ask(n: number, what: StepAsk): Promise<StepReply> {
    const ask = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#asked.set(ask, { resolve, reject });
      this.#send({ n, ask, what });
    });
  }

  answered(message: WireReply): void {
    const asked = this.#asked.get(message.ask);
    this.#asked.delete(message.ask);
    if ('refused' in message) asked?.reject(new StepRefusedError(message.refused));
    else asked?.resolve(message.reply);
  }
}
