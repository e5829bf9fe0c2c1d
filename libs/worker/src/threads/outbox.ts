import type { MessagePort } from 'node:worker_threads';
import { systemRuntime } from '@drover/runtime';
import type { CallEnd } from '../execution/executor.js';
import type { LogBudget } from './log-budget.js';
import type { FromThread, StrayError, WireNote } from './messages.js';

const MAX_STRAYS = 10;

/** Gathers what one turn of the thread's event loop brings into one message. */
export class Outbox {
  readonly #port: MessagePort;
  readonly #budget: LogBudget;
  /** Log lines for which there was no room, by call, since the last note of the call. */
  readonly #dropped = new Map<number, number>();
  #ends: { n: number; end: CallEnd }[] = [];
  #notes: WireNote[] = [];
  #strays: StrayError[] = [];
  #retire = false;
  #scheduled = false;

  constructor(port: MessagePort, budget: LogBudget) {
    this.#port = port;
    this.#budget = budget;
  }

  end(n: number, end: CallEnd): void {
    this.#tellDropped(n);
    this.#ends.push({ n, end });
    this.#schedule();
  }

  note(note: WireNote): void {
    const { n, log } = note;
    if (log !== undefined && !this.#budget.take(log.chars)) {
      this.#dropped.set(n, (this.#dropped.get(n) ?? 0) + 1);
      return;
    }
    this.#tellDropped(n);
    this.#notes.push(note);
    this.#schedule();
  }

  #tellDropped(n: number): void {
    if (this.#dropped.size === 0) return;
    const dropped = this.#dropped.get(n);
    if (dropped === undefined) return;
    this.#dropped.delete(n);
    this.#notes.push({ n, dropped });
  }

  /** An error that belongs to no running call. Of many in one turn the first ones are told. */
  stray(error: StrayError): void {
    if (this.#strays.length < MAX_STRAYS) this.#strays.push(error);
    this.#schedule();
  }

  retire(): void {
    this.#retire = true;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    systemRuntime.soon(() => this.#flush());
  }

  #flush(): void {
    const message: FromThread = { ends: this.#ends, notes: this.#notes, strays: this.#strays, retire: this.#retire };
    this.#scheduled = false;
    this.#ends = [];
    this.#notes = [];
    if (this.#strays.length > 0) this.#strays = [];
    this.#port.postMessage(message);
  }
}
