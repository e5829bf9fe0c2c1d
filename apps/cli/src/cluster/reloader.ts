import { checkHandlers } from './handlers-watch.js';
import type { Member } from './member.js';
import type { LocalCluster } from './local-cluster.js';
import type { DevReporter } from './dev-reporter.js';
import type { Supervisor } from './supervisor.js';

export interface ReloaderOptions {
  /** Path of the handlers module. */
  handlers: string;
  cluster: LocalCluster;
  supervisor: Supervisor;
  reporter: DevReporter;
}

/**
 * Gives a changed handlers module to the workers: one after the other is stopped in order, so that it finishes its
 * tasks, and started again. A module that cannot be loaded is reported, and the workers go on with the old one.
 */
export class Reloader {
  readonly #options: ReloaderOptions;

  constructor(options: ReloaderOptions) {
    this.#options = options;
  }

  async reload(): Promise<void> {
    const { handlers, cluster, supervisor, reporter } = this.#options;
    const problem = await checkHandlers(handlers, cluster.env);
    if (problem !== null) {
      reporter.handlersRefused(problem);
      return;
    }
    reporter.handlersChanged(handlers);
    for (const member of cluster.members.filter(({ role }) => role === 'worker')) {
      const next = await supervisor.restart(member);
      if (next !== null) await this.#joined(next);
    }
    reporter.handlersLoaded();
  }

  /**
   * Resolves when the worker is registered, so that the next one is stopped only then and some workers run all the
   * time. A worker that ends instead is started again.
   */
  async #joined({ pid }: Member): Promise<void> {
    const { cluster } = this.#options;
    await cluster.waitFor(({ workers }) => workers.some((worker) => worker.pid === pid)).catch(() => undefined);
  }
}
