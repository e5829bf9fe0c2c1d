import { setTimeout as delay } from 'node:timers/promises';
import type { Drover, ScheduleView } from '@drover/client';
import type { DefinitionLine } from '@drover/verify';
import type { Journal } from '../journal.js';
import { monotonicMs } from '../time.js';
import type { RunLimit } from './limits.js';
import type { RunSchedule } from './schedules.js';

const LOOK_MS = 200;

/** Sets what a run works with, and writes a line before and after each call. */
export class Definer {
  readonly #drover: Drover;
  readonly #journal: Journal<DefinitionLine>;
  #calls = 0;

  constructor(drover: Drover, journal: Journal<DefinitionLine>) {
    this.#drover = drover;
    this.#journal = journal;
  }

  async set(schedule: RunSchedule): Promise<void> {
    const { name, everyMs, overlap, catchUp, type, payload, pauseAfterFailures } = schedule;
    const run = { type, payload, ...(pauseAfterFailures === undefined ? {} : { maxAttempts: 1 }) };
    const spec = { when: { every: everyMs }, run, overlap, catchUp, pauseAfterFailures };
    await this.#told({ op: 'set', schedule: name, everyMs, overlap, catchUp }, async () => {
      await this.#drover.schedules.set(name, spec);
      return {};
    });
  }

  /**
   * Pauses it, waits until its last fire has ended, and writes down its counts. Then it is removed. Resolves with what it
   * told at last.
   */
  async finish({ name }: Pick<RunSchedule, 'name'>, signal: AbortSignal): Promise<ScheduleView> {
    await this.#told({ op: 'pause', schedule: name }, async () => {
      await this.#drover.schedules.pause(name, 'the run is over');
      return {};
    });
    const view = await this.#quiet(name, signal);
    const { fired, skipped, missed, excluded } = view;
    await this.#told({ op: 'told', schedule: name }, () => Promise.resolve({ fired, skipped, missed, excluded }));
    await this.#told({ op: 'remove', schedule: name }, async () => {
      await this.#drover.schedules.remove(name);
      return {};
    });
    return view;
  }

  /** It has paused itself, after the fire whose nominal time is `after`: the history must say so. */
  sawPaused({ name, last }: ScheduleView): void {
    const line = { call: this.#calls++, op: 'pause', schedule: name } as const;
    const after = last === null ? 0 : Date.parse(last.nominal);
    this.#journal.write({ at: monotonicMs(), wall: after, type: 'invoke', ...line });
    this.#journal.write({ at: monotonicMs(), wall: Date.now(), type: 'ok', ...line });
  }

  async limit({ name, concurrency = null, rate = null, per }: RunLimit): Promise<void> {
    await this.#told({ op: 'set', limit: name, concurrency, rate: rate === null ? null : { ...rate } }, async () => {
      const period = rate === null ? null : { limit: rate.limit, period: rate.periodMs, burst: rate.burst };
      await this.#drover.limits.set(name, { concurrency, rate: period, per });
      return {};
    });
  }

  /** The weights of a queue's tenants. */
  async shares(queue: string, tenants: Record<string, number>): Promise<void> {
    await this.#told({ op: 'set', queue, tenants }, async () => {
      await this.#drover.configureQueue(queue, { tenants });
      return {};
    });
  }

  async #quiet(name: string, signal: AbortSignal): Promise<ScheduleView> {
    for (;;) {
      const view = await this.#drover.schedules.get(name);
      if (view.running.length + view.waiting.length === 0) return view;
      await delay(LOOK_MS, undefined, { signal });
    }
  }

  /** A call whose outcome nobody knows ends the run: it is made when nothing is done to the system. */
  async #told(line: Partial<DefinitionLine> & Pick<DefinitionLine, 'op'>, call: () => Promise<object>): Promise<void> {
    const n = this.#calls++;
    const write = (type: DefinitionLine['type'], more: object = {}): void => {
      this.#journal.write({ at: monotonicMs(), wall: Date.now(), call: n, type, ...line, ...more });
    };
    write('invoke');
    const answer = await call();
    write('ok', answer);
  }
}
