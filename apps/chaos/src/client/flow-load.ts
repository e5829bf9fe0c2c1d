import { setTimeout as delay } from 'node:timers/promises';
import {
  CommandRefusedError,
  FlowCancelledError,
  FlowFailedError,
  FlowEndedError,
  InvalidArgumentError,
  IntakeClosedError,
  RunNotFoundError,
  type Drover,
  type Run,
} from '@drover/client';
import type { Part } from '../tasks/kinds.js';
import type { ClientHistory } from './history.js';
import { AFTER, SUMS } from './sums.js';

export interface FlowLoadOptions {
  client: string;
  runsPerSecond: number;
}

/** A run fails at first where one of its items does, and is retried then. */
const RETRIED = 0.2;
const BROADCAST = 0.15;
const CALLS = { timeout: '2s', maxAttempts: 3 } as const;

/** Tells runs from tasks by their names in the histories. */
export const isRun = (name: string): boolean => name.includes('/run-');
const isRetried = (name: string): boolean => name.endsWith('-retried');

/** Starts runs of a flow with a map, a reduce and a signal, follows each to its end, and retries some; starts broadcasts. */
export class FlowLoad {
  readonly #drover: Drover;
  readonly #history: ClientHistory;
  readonly #random: () => number;
  readonly #options: FlowLoadOptions;
  #named = 0;

  constructor(drover: Drover, history: ClientHistory, random: () => number, options: FlowLoadOptions) {
    this.#drover = drover;
    this.#history = history;
    this.#random = random;
    this.#options = options;
  }

  /** Until `signal`; resolves when the end of each run is known. */
  async run(signal: AbortSignal): Promise<void> {
    const { runsPerSecond } = this.#options;
    if (runsPerSecond === 0) return;
    const under = new Set<Promise<void>>();
    while (!signal.aborted) {
      const deed = (this.#random() < BROADCAST ? this.#broadcast() : this.#start()).finally(() => under.delete(deed));
      under.add(deed);
      await delay((1_000 / runsPerSecond) * 2 * this.#random());
    }
    await Promise.all(under);
  }

  /** Of this life and no other. */
  #name(what: string): string {
    return `${this.#options.client}/${what}-${process.pid}-${this.#named++}`;
  }

  async #start(): Promise<void> {
    const fails = this.#random() < RETRIED;
    const items = Array.from({ length: Math.floor(this.#random() * 12) }, (): Part => {
      return { value: Math.floor(this.#random() * 100), failures: this.#random() < 0.2 ? 1 : 0 };
    });
    if (fails) items.push({ value: 1, failures: 9 });
    const name = `${this.#name('run')}${fails ? '-retried' : ''}`;
    const expects = items.reduce((total, { value }) => total + value, 0);
    const call = this.#history.begin('submit', name, { flow: { after: AFTER, expects } });
    try {
      const run = await this.#drover.start(SUMS, { items });
      call.ok({ id: run.id });
      await Promise.all([this.#goOn(run), readRun(this.#history, name, run)]);
    } catch (error) {
      if (error instanceof InvalidArgumentError || error instanceof IntakeClosedError) call.fail(error);
      else call.info(error);
    }
  }

  /** Early, late, or never: then its time is over. */
  async #goOn(run: Run<number>): Promise<void> {
    await delay(this.#random() * 6_000);
    await run.signal('go', 'yes').catch(() => undefined);
  }

  /** Nobody waits for it: the handlers tell what became of it. */
  async #broadcast(): Promise<void> {
    const options = { ...CALLS, joiners: '3s' } as const;
    await this.#drover.broadcast('each', { broadcast: this.#name('broadcast') }, options).catch(() => undefined);
  }
}

/** Reads the last end of a run: one that is to be retried is, until it has succeeded. */
export async function readRun(
  history: ClientHistory,
  name: string,
  run: Pick<Run<number>, 'id' | 'result' | 'retry'>,
): Promise<void> {
  const call = history.begin('result', name, { id: run.id });
  for (;;) {
    try {
      call.ok({ outcome: 'succeeded', value: await run.result() });
      return;
    } catch (error) {
      if (error instanceof FlowFailedError && isRetried(name)) {
        await retry(history, name, run);
        continue;
      }
      if (error instanceof FlowFailedError) call.ok({ outcome: 'failed', error: String(error) });
      else if (error instanceof FlowCancelledError) call.ok({ outcome: 'cancelled' });
      else if (error instanceof RunNotFoundError) call.fail(error);
      else call.info(error);
      return;
    }
  }
}

/** Refused: an earlier life of this client, or an earlier try, has retried it. */
async function retry(history: ClientHistory, name: string, run: Pick<Run<number>, 'id' | 'retry'>): Promise<void> {
  const call = history.begin('retry', name, { id: run.id });
  try {
    await run.retry();
    call.ok();
  } catch (error) {
    if (error instanceof CommandRefusedError || error instanceof FlowEndedError) call.fail(error);
    else call.info(error);
    await delay(200);
  }
}
