import { TaskCancelledError, TaskFailedError, TaskNotFoundError, type FinishedTask } from '@drover/client';
import { batchIds, type TaskFailure, type TaskId } from '@drover/core';
import { inBackground, toldElsewhere } from '@drover/runtime';
import type { Work } from '../../tasks/choose.js';
import type { Submitted, Submitter } from '../submitter.js';
import { sendLines } from './lines.js';
import { askOnce, RefusedError, Replicas, type Asking } from './replicas.js';

const WAIT_S = 20;

type Input = Work['input'];
interface Ended {
  state: string;
  attempt: number;
  worker: string | null;
  result?: unknown;
  error?: TaskFailure;
}

/**
 * Submits over the HTTP API: single tasks and batches with an `Idempotency-Key`, repeated at whatever replica answers, and
 * streams of lines, which are not repeated.
 */
export class HttpSubmitter implements Submitter {
  readonly #replicas: Replicas;
  /** ULIDs, which batches have too: as keys of requests. */
  readonly #key = batchIds(Date.now, Math.random);

  constructor(apis: readonly string[]) {
    this.#replicas = new Replicas(apis);
  }

  async submit(type: string, payload: unknown, options: object): Promise<Submitted> {
    const { id, deduplicated } = await this.#post('/v1/tasks', { type, payload, ...options });
    return this.#submitted(String(id), deduplicated === true);
  }

  async *submitMany(inputs: Iterable<Input>): AsyncGenerator<Submitted> {
    for await (const { id, deduplicated } of sendLines(`${this.#replicas.next()}/v1/batches`, inputs))
      yield this.#submitted(id, deduplicated === true);
  }

  /** Tasks with keys of their own may be of a running batch, which a request that has a key cannot be. */
  async *run(inputs: Iterable<Input>): AsyncGenerator<FinishedTask> {
    const tasks = [...inputs].map(({ key: _key, ...input }) => input);
    const { ids } = await this.#post('/v1/batches', { tasks });
    // At the same time: retention removes what is not read for long.
    const ends = (ids as TaskId[]).map((id) => ({ id, ended: this.#ended(id) }));
    for (const { ended } of ends) inBackground(ended, toldElsewhere);
    for (const [index, { id, ended: end }] of ends.entries()) {
      const { state, attempt, worker, ...ended } = await end;
      const done = { id, type: tasks[index]?.type ?? '', index, deduplicated: false, attempt, worker, state, ...ended };
      yield done as FinishedTask;
    }
  }

  task(id: TaskId): Pick<Submitted, 'id' | 'result'> {
    return { id, result: () => this.#result(id) };
  }

  #submitted(id: TaskId, deduplicated: boolean): Submitted {
    return { id, deduplicated, result: () => this.#result(id), cancel: () => this.#cancel(id) };
  }

  async #post(path: string, body: unknown): Promise<Record<string, unknown>> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': this.#key() };
    return (await this.#replicas.ask(path, { method: 'POST', headers, body: JSON.stringify(body) })).json;
  }

  async #result(id: TaskId): Promise<unknown> {
    const { state, result, error } = await this.#ended(id);
    if (state === 'succeeded') return result;
    throw state === 'failed' && error !== undefined ? new TaskFailedError(id, error) : new TaskCancelledError(id);
  }

  /** Waits until it has ended. */
  async #ended(id: TaskId): Promise<Ended> {
    for (;;) {
      const asking: Asking = { waitMs: WAIT_S * 1_000 };
      const { status, json } = await this.#replicas
        .ask(`/v1/tasks/${id}/result?wait=${WAIT_S}s`, asking)
        .catch(toGone(id));
      if (status === 200) return json as unknown as Ended;
    }
  }

  /** Asked once: a cancel that is repeated finds the task cancelled already, and says that it is refused. */
  async #cancel(id: TaskId): Promise<{ ok: boolean; state?: string; message?: string }> {
    const asking = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
    const { status, json } = await askOnce(`${this.#replicas.next()}/v1/tasks/${id}/cancel`, asking);
    if (status === 200) return json as { ok: boolean; state?: string };
    if (status === 404 || status === 409) return { ok: false, message: String(json.detail) };
    throw new RefusedError({ status, json });
  }
}

const toGone =
  (id: TaskId) =>
  (error: unknown): never => {
    throw error instanceof RefusedError && error.status === 404 ? new TaskNotFoundError(id) : error;
  };
