import type { Task } from '@drover/client';
import type { Effect, Operation } from '@drover/verify';
import { ClientHistory } from '../client/history.js';
import { isOrdered, submittedAs } from '../client/submitted-as.js';
import { Zxids } from '../client/zxids.js';
import { kills } from '../faults/processes.js';
import { Journal } from '../journal.js';
import { readEffects } from '../run/read-effects.js';
import { ROOT } from '../members/roles.js';
import { pause } from '../run/pause.js';
import type { Running } from '../run/run.js';
import type { Work } from '../tasks/choose.js';
import type { WorkPayload, WorkType } from '../tasks/kinds.js';
import { monotonicMs } from '../time.js';

const LOOK_MS = 50;
const PATIENCE_MS = 60_000;

/** A case of the scenario: resolves with a sentence for each thing that was not as it should be. */
export type Case = (stage: Stage) => Promise<string[]>;

/** The running system as a case sees it, and the history that it writes as a client. */
export class Stage {
  readonly running: Running;
  readonly history: ClientHistory;
  readonly zxids: Zxids;
  /** How many cases ask for a kill before one is done: those that run at the same time share it. */
  readonly #sharing: number;
  #asking: (() => void)[] = [];
  #last: () => void = () => undefined;

  constructor(running: Running, sharing: number) {
    const { paths } = running.setup;
    this.running = running;
    this.history = new ClientHistory(new Journal<Operation>(paths.operations), 'scenario', 0);
    this.zxids = new Zxids(running.topology.servers.map(({ address }) => address).join(',') + ROOT);
    this.#sharing = sharing;
  }

  /** Kills the scheduler that leads; resolves at once after that. It is started again when another one leads. */
  async killLeader(): Promise<void> {
    const killed = new Promise<void>((resolve) => this.#asking.push(resolve));
    this.#tellLast();
    if (this.#asking.length === this.#sharing) {
      const asking = this.#asking;
      this.#asking = [];
      await this.#kill('kill-leader');
      for (const resolve of asking) resolve();
    }
    await killed;
  }

  /** Kills a worker, of any case; it is started again a moment later. */
  async killWorker(): Promise<void> {
    await this.#kill('kill-worker');
  }

  /** Resolves when every other case waits for the kill: for a case whose own moment passes quickly. */
  async untilOthersWait(): Promise<void> {
    const alone = new Promise<void>((resolve) => (this.#last = resolve));
    this.#tellLast();
    await alone;
  }

  #tellLast(): void {
    if (this.#asking.length === this.#sharing - 1) this.#last();
  }

  /** Submits a task and writes it down; in the order of ZooKeeper where that matters. */
  async submit(type: WorkType, given: WorkPayload, options: Omit<Work['input'], 'type' | 'payload'>): Promise<Task> {
    const call = this.history.begin('submit', given.task, submittedAs({ type, payload: given, ...options }));
    const task = await this.running.drover.submit(type, given, options);
    const at = monotonicMs();
    const zxid = isOrdered(options) ? await this.zxids.of(task.id) : undefined;
    call.ok({ at, id: task.id, ...(zxid === undefined ? {} : { zxid }) });
    return task;
  }

  /** All that handlers wrote so far of tasks that the function chooses. */
  effects(wanted: (effect: Effect) => boolean): Effect[] {
    return readEffects(this.running.setup.paths, wanted);
  }

  /** Looks until the answer is one; throws after a minute. */
  async until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
    const { signal } = this.running;
    for (const since = monotonicMs(); monotonicMs() - since < PATIENCE_MS;) {
      const found = await look();
      if (found !== undefined) return found;
      await pause(LOOK_MS, signal);
      signal.throwIfAborted();
    }
    throw new Error(`after ${PATIENCE_MS / 1_000} s still not: ${what}`);
  }

  say(line: string): void {
    this.running.say(line);
  }

  async close(): Promise<void> {
    await this.zxids.close();
  }

  #restarting: Promise<void> = Promise.resolve();

  async #kill(whom: 'kill-leader' | 'kill-worker'): Promise<void> {
    await this.#restarting;
    const { system, observer } = this.running;
    const fault = kills.find(({ name }) => name === whom);
    const underway = await this.until(`somebody for ${whom}`, async () => {
      return (await fault?.begin(system, () => 0)) ?? undefined;
    });
    this.say(`${whom}: ${underway.target}`);
    this.#restarting = this.until('another leader', () => observer.leader !== underway.target || undefined).then(() =>
      underway.end(),
    );
    // Its failure is told by `settled`.
    this.#restarting.catch(() => undefined);
  }

  /** The scheduler that was killed last runs again. */
  async settled(): Promise<void> {
    await this.#restarting;
  }
}
