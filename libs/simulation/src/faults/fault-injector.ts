import type { Runtime } from '@drover/runtime';
import { FAULTS, type FaultKind, type Stage } from './fault-kinds.js';

export interface FaultPlan {
  kinds: readonly FaultKind[];
  /** Between two faults, on average. */
  everyMs: number;
}

/** Does harm at random times until it ends; then everything is made whole. */
export class FaultInjector {
  readonly #stage: Stage;
  readonly #runtime: Runtime;
  readonly #plan: FaultPlan;
  #isOver = false;
  #count = 0;

  constructor(stage: Omit<Stage, 'later'>, runtime: Runtime, plan: FaultPlan) {
    this.#runtime = runtime;
    this.#plan = plan;
    this.#stage = {
      ...stage,
      later: (delayMs, act) =>
        void runtime.after(delayMs, () => {
          if (!this.#isOver) act();
        }),
    };
  }

  /** So far. */
  get count(): number {
    return this.#count;
  }

  begin(): void {
    const { kinds, everyMs } = this.#plan;
    if (kinds.length === 0) return;
    const delayMs = -Math.log(1 - this.#stage.random()) * everyMs;
    this.#runtime.after(delayMs, () => {
      if (this.#isOver) return;
      const kind = kinds[Math.floor(this.#stage.random() * kinds.length)];
      if (kind !== undefined) FAULTS[kind](this.#stage);
      this.#count++;
      this.begin();
    });
  }

  end(): void {
    this.#isOver = true;
    const { ensemble, processes, trace } = this.#stage;
    trace?.('faults', 'are over');
    ensemble.authority.aheadMs = 0;
    for (const [index, server] of ensemble.servers.entries()) {
      ensemble.rejoin(index);
      server.restart();
    }
    for (const process of processes) {
      process.runtime?.go();
      process.runtime?.doom(null);
      process.runtime?.setWallClockRight();
      process.network?.block({ toServer: false, toClient: false });
      if (process.network !== null) process.network.delayMs = HEALTHY_MS;
      process.start();
    }
  }
}

const HEALTHY_MS = [0.1, 1] as const;
