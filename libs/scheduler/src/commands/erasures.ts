import { RecordError, type BatchId } from '@drover/core';
import type { TaskName, TaskReply } from '@drover/planner';
import { batchPath, decodeBatch, eraseFromResult, resultPath, type Batch } from '@drover/protocol';
import type { Operation } from '@drover/zookeeper';
import { childrenNow } from '../facts/found-results.js';
import type { Deaths } from '../facts/deaths.js';
import { readable } from '../facts/readable.js';
import type { TasksWatcher } from '../facts/tasks-watcher.js';
import { reportInvalid, type TermContext } from '../term/term-context.js';
import type { CommandExecutor } from './command-executor.js';
import { erasedHeader, eraseOperation } from './operations.js';

/**
 * Erases tasks that have ended, behind the fence and in the order of their batch's commands. First the batch is written
 * anew: it names them as erased, and has their payloads no more. Then each result of the batch that says something of them
 * is written anew, one after the other, without it. The answer comes when all of that is durable.
 *
 * A leader that dies on the way leaves a task that is named as erased and has a result still. Nobody was told that it was
 * erased: the request has no answer, and is there for the next leader, which does all of it again; a requester that has
 * gone as well asks again. Doing it twice changes nothing.
 *
 * No result can come after that was not there: a task that has ended has no assignment, and reports need one. It does not
 * run again: from the first moment on the planner refuses a retry, and the header says so to the next leader.
 */
export class Erasures {
  readonly #context: TermContext;
  readonly #tasks: TasksWatcher;
  readonly #executor: CommandExecutor;
  readonly #deaths: Deaths;

  constructor(context: TermContext, tasks: TasksWatcher, executor: CommandExecutor, deaths: Deaths) {
    this.#context = context;
    this.#tasks = tasks;
    this.#executor = executor;
    this.#deaths = deaths;
  }

  /** One reply for each, in their order. */
  async erase(tasks: readonly TaskName[]): Promise<TaskReply[]> {
    const replies = this.#context.planner.erase(tasks);
    const chosen = new Map<BatchId, Set<number>>();
    tasks.forEach(({ batch, index }, at) => {
      if (replies[at]?.ok !== true) return;
      const indexes = chosen.get(batch) ?? new Set();
      chosen.set(batch, indexes.add(index));
    });
    const problems = new Map<BatchId, string>();
    for (const [batch, indexes] of chosen) {
      const problem = await this.#inOrder(batch, indexes);
      if (problem !== null) problems.set(batch, problem);
    }
    return replies.map((reply, at) => {
      const problem = reply.ok ? problems.get(tasks[at]?.batch ?? '') : undefined;
      return problem === undefined ? reply : { ...reply, ok: false, message: problem };
    });
  }

  /** Not before the writes of the batch that are under way: one that is repeated would bring back what it was made of. */
  async #inOrder(batch: BatchId, indexes: ReadonlySet<number>): Promise<string | null> {
    await this.#executor.settled([batch]);
    if (!this.#context.active() || !(await this.#context.writer.durable())) return CHANGED;
    await this.#executor.settled([batch]);
    return new Promise((resolve) => {
      this.#executor.inOrder(batch, async () => {
        try {
          resolve(await this.#eraseFrom(batch, indexes));
        } catch (error) {
          resolve(CHANGED);
          this.#context.broken(error);
        }
      });
    });
  }

  /** Why they are not erased; `null`: they are. */
  async #eraseFrom(batch: BatchId, indexes: ReadonlySet<number>): Promise<string | null> {
    const before = this.#tasks.header(batch);
    const path = batchPath(batch);
    const znode = await readable(this.#context, path, this.#context.zk.get(path));
    if (!this.#context.active()) return CHANGED;
    if (before === undefined || znode === null) return 'its batch is gone, or cannot be read';
    const body = this.#bodyOf(path, znode.data);
    if (typeof body === 'string') return body;
    const header = erasedHeader(before, [...indexes]);
    const problem = await this.#write(batch, eraseOperation(batch, header, body));
    if (problem !== null) return problem;
    for (const index of indexes) this.#deaths.erased(batch, index);
    this.#tasks.rewritten(batch, header);
    for (const name of await childrenNow(this.#context, batch)) {
      const left = await this.#eraseResult(batch, name, indexes);
      if (left !== null) return left;
    }
    return null;
  }

  /** Its content, or why it cannot be read: somebody wrote into it, or a later release did. It is left alone, and the term goes on. */
  #bodyOf(path: string, data: Uint8Array): Batch | string {
    try {
      return decodeBatch(path, data);
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      reportInvalid(this.#context, path, error);
      return `its batch ${path} cannot be read, and was not erased: ${error.why}`;
    }
  }

  async #eraseResult(batch: BatchId, name: string, indexes: ReadonlySet<number>): Promise<string | null> {
    const path = resultPath(batch, name);
    const znode = await readable(this.#context, path, this.#context.zk.get(path));
    if (!this.#context.active()) return CHANGED;
    if (znode === null) return `its result ${path} cannot be read, and was not erased`;
    try {
      const data = eraseFromResult(path, znode.data, indexes);
      return data === null ? null : await this.#write(batch, { op: 'set', path, data });
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      reportInvalid(this.#context, path, error);
      return `its result ${path} cannot be read, and was not erased: ${error.why}`;
    }
  }

  async #write(batch: BatchId, operation: Operation): Promise<string | null> {
    const answer = await this.#context.writer.attempt([operation], { key: batch });
    if (answer === null) return CHANGED;
    if (answer.applied) return null;
    this.#context.refused(answer);
    return `ZooKeeper refused to write it (${answer.code}); try again`;
  }
}

const CHANGED = 'the leader changed on the way; try again';
