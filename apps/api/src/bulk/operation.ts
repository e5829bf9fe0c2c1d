import type { schemas } from '@drover/api';
import { CommandTimeoutError, NoLeaderError, type AskOptions, type Drover, type TaskReply } from '@drover/client';
import type { TaskId } from '@drover/core';
import { messageOf, Pause } from '@drover/runtime';
import type * as z from 'zod';
import { principalOf, type Caller } from '../access/caller.js';
import type { ApiContext } from '../api-context.js';
import { apiErrorOf } from '../errors-of-client.js';
import { fateOf, stepOf } from './bulk.decide.js';
import type { Frozen } from './previews.js';

export type OperationView = z.output<typeof schemas.operation>;

type About = Omit<Frozen, 'ids'>;

/** How a bulk action is carried out. */
export interface RunSettings {
  /** `principalOf` the caller. */
  owner: string;
  by: string;
  reason: string;
  /** Tasks a second. */
  rate: number | 'unlimited';
  /** Position of the first task, and of the one behind the last. */
  from: number;
  to: number;
}

/** Commands that nobody answers are repeated so often: then the operation ends, and can go on from its cursor. */
const TRIES = 12;
const AGAIN_MS = 1_000;
const SHOWN_REFUSALS = 20;

/**
 * The second step of a bulk action: commands of 500 tasks, one after the other. Each task is counted once: `done`, `skipped` or
 * `failed`; when all is over they are together as many as the preview told. A command that is not answered is repeated, which
 * changes nothing in tasks that the leader has changed already.
 */
export class Operation {
  readonly id: string;
  readonly #about: About;
  /** Null: it has ended, and needs them no more. */
  #ids: Frozen['ids'] | null;
  readonly #settings: RunSettings;
  readonly #context: Pick<ApiContext, 'drover' | 'runtime' | 'log'>;
  readonly #changed: (operation: Operation) => void;
  readonly #pause = new Pause();
  readonly #startedAt: number;
  readonly #counts = { done: 0, skipped: 0, failed: 0 };
  readonly #refused: TaskReply[] = [];
  #isStopping = false;
  #at: number;
  #cursor: TaskId | null = null;
  #state: OperationView['state'] = 'running';
  #endedAt: number | null = null;
  #error: string | null = null;

  constructor(
    id: string,
    frozen: Frozen,
    settings: RunSettings,
    context: Pick<ApiContext, 'drover' | 'runtime' | 'log'>,
    changed: (operation: Operation) => void,
  ) {
    this.id = id;
    const { ids, ...about } = frozen;
    this.#about = about;
    this.#ids = ids;
    this.#settings = settings;
    this.#context = context;
    this.#changed = changed;
    this.#startedAt = context.runtime.now();
    this.#at = settings.from;
  }

  /** Those who are limited to queues see their own operations only: the filter, the refusals and the reason are of its owner. */
  isShownTo(caller: Caller): boolean {
    return caller.queues === null || this.#settings.owner === principalOf(caller);
  }

  get isRunning(): boolean {
    return this.#state === 'running';
  }

  /** How many ids it keeps. */
  get kept(): number {
    return this.#ids?.length ?? 0;
  }

  get view(): OperationView {
    const { action, filter, toQueue } = this.#about;
    const { by, reason, from, to } = this.#settings;
    return {
      ...{
        id: this.id,
        action,
        filter,
        ...(toQueue === undefined ? {} : { toQueue }),
        state: this.#state,
        of: to - from,
        ...this.#counts,
      },
      ...{ refused: this.#refused.map((reply) => ({ ...reply })), cursor: this.#cursor, by, reason },
      ...{ startedAt: this.#startedAt, endedAt: this.#endedAt, error: this.#error },
    };
  }

  /** Never rejects. */
  async run(): Promise<void> {
    try {
      while (this.#at < this.#settings.to && !this.#isStopping) await this.#step();
      this.#end(this.#at < this.#settings.to ? 'stopped' : 'done', null);
    } catch (error) {
      if (this.#isStopping) this.#end('stopped', null);
      else this.#end('failed', apiErrorOf(error)?.message ?? messageOf(error));
    }
  }

  /** Tasks that it has changed stay so. A command that is under way is waited for. */
  stop(): void {
    this.#isStopping = true;
    this.#pause.end();
  }

  async #step(): Promise<void> {
    const { runtime } = this.#context;
    const { tasks, ms } = stepOf(this.#settings.rate, this.#settings.to - this.#at);
    const begunAt = runtime.monotonic();
    const ids = this.#ids?.slice(this.#at, this.#at + tasks) ?? [];
    const { replies, isRepeated } = await this.#command(ids);
    for (const reply of replies) this.#count(reply, isRepeated);
    this.#at += ids.length;
    this.#cursor = ids.at(-1) ?? this.#cursor;
    this.#changed(this);
    const restMs = begunAt + ms - runtime.monotonic();
    if (restMs > 0 && this.#at < this.#settings.to) await this.#pause.sleep(runtime, restMs);
  }

  async #command(ids: readonly TaskId[]): Promise<{ replies: TaskReply[]; isRepeated: boolean }> {
    const { drover, runtime } = this.#context;
    const { by, reason } = this.#settings;
    let isRepeated = false;
    for (let tries = 1; ; tries++) {
      try {
        return { replies: await act(this.#about, ids, drover, { by, reason }), isRepeated };
      } catch (error) {
        if (tries === TRIES || !isPassing(error)) throw error;
        isRepeated ||= !(error instanceof NoLeaderError);
        await this.#pause.sleep(runtime, AGAIN_MS);
        if (this.#isStopping) throw error;
      }
    }
  }

  #count(reply: TaskReply, isRepeated: boolean): void {
    const { action, toQueue } = this.#about;
    const fate = fateOf({ action, isMove: toQueue !== undefined }, reply, isRepeated);
    this.#counts[fate]++;
    if (fate !== 'done' && this.#refused.length < SHOWN_REFUSALS) this.#refused.push(reply);
  }

  #end(state: OperationView['state'], error: string | null): void {
    this.#state = state;
    this.#error = error;
    this.#ids = null;
    this.#endedAt = this.#context.runtime.now();
    this.#changed(this);
  }
}

async function act(
  { action, toQueue }: About,
  ids: readonly TaskId[],
  drover: Drover,
  asked: AskOptions,
): Promise<TaskReply[]> {
  switch (action) {
    case 'cancel':
      return drover.cancel(ids, asked);
    case 'retry':
      if (toQueue === undefined) return drover.retry(ids, asked);
      return repliesOf(ids, await drover.dead.redrive({ tasks: ids, toQueue }, asked));
    case 'purge':
      return repliesOf(ids, await drover.dead.purge({ tasks: ids }, asked));
  }
}

/** Those that are not refused were changed. */
function repliesOf(ids: readonly TaskId[], { refused }: { refused: readonly TaskReply[] }): TaskReply[] {
  const refusals = new Map(refused.map((reply) => [reply.id, reply]));
  return ids.map((id) => refusals.get(id) ?? { id, ok: true });
}

/** The leader may answer when it is asked again. */
const isPassing = (error: unknown): boolean =>
  error instanceof NoLeaderError ||
  error instanceof CommandTimeoutError ||
  apiErrorOf(error)?.code === 'zookeeper-unavailable';
