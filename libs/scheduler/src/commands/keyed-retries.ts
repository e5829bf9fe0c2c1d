import { pipelined, type Attempted } from '@drover/coordination';
import { taskId } from '@drover/core';
import type { Claim, TaskName, TaskReply } from '@drover/planner';
import { batchPath, decodeBatch, decodeRecord, encodeRecord, keyPath } from '@drover/protocol';
import { inBackground } from '@drover/runtime';
import type { Operation } from '@drover/zookeeper';
import { readable } from '../facts/readable.js';
import type { TasksWatcher } from '../facts/tasks-watcher.js';
import { reportInvalid, type TermContext } from '../term/term-context.js';
import type { CommandExecutor } from './command-executor.js';
import { recordName, recordOperations, reopenedHeader, rewriteOperations, type Asked } from './operations.js';

/** Retries that are under way at a time. */
const WINDOW = 32;
/** A key that was taken may be released before the leader reads who holds it: then it tries again, so often in all. */
const TRIES = 3;

/**
 * Failed tasks that have a key run again only if they get it back. One transaction, behind the fence, creates the key,
 * opens a finished batch again and records `requeued`; ZooKeeper refuses all of it while another task has the key. So
 * no two unfinished tasks ever have one key, even if a client submits with the key, or the leader dies, meanwhile:
 * either the task is unfinished and has its key, or it is failed and has none. A retry keeps the order of its batch's
 * commands, so that the release of the key when the task failed goes before.
 */
export class KeyedRetries {
  readonly #context: TermContext;
  readonly #tasks: TasksWatcher;
  readonly #executor: CommandExecutor;

  constructor(context: TermContext, tasks: TasksWatcher, executor: CommandExecutor) {
    this.#context = context;
    this.#tasks = tasks;
    this.#executor = executor;
  }

  /** One reply for each, in their order; null for those that are no failed tasks with a key. */
  async retry(tasks: readonly TaskName[], asked: Asked): Promise<(TaskReply | null)[]> {
    const { planner, clock } = this.#context;
    const replies: (TaskReply | null)[] = tasks.map(() => null);
    const claims = tasks.flatMap((task, at) => {
      const claim = planner.claimKey(task, clock.now());
      return claim === null ? [] : [{ claim, at }];
    });
    await pipelined(claims, WINDOW, async ({ claim, at }) => {
      replies[at] = await this.#settled(claim, asked);
    });
    return replies;
  }

  #settled(claim: Claim, asked: Asked): Promise<TaskReply> {
    return new Promise((resolve) => {
      this.#executor.inOrder(claim.batch, async () => {
        try {
          resolve(await this.#take(claim, asked));
        } catch (error) {
          resolve(REFUSED);
          this.#context.broken(error);
        }
      });
    });
  }

  async #take(claim: Claim, asked: Asked): Promise<TaskReply> {
    const { planner } = this.#context;
    let reply = REFUSED;
    for (let tries = 0; tries < TRIES && this.#context.active(); tries++) {
      const tried = await this.#try(claim, asked);
      if (tried === 'applied') {
        if (planner.keyClaimed(claim, true)) return { ok: true, state: 'pending' };
        this.#letGo(claim);
        return { ok: false, state: 'unknown', message: 'no such task' };
      }
      reply = tried === 'let-go' ? REFUSED : tried;
      if (tried !== 'let-go') break;
    }
    planner.keyClaimed(claim, false);
    return reply;
  }

  async #try(claim: Claim, asked: Asked): Promise<'applied' | 'let-go' | TaskReply> {
    const { writer, zk } = this.#context;
    const path = keyPath(claim.queue, claim.key);
    const rest = await this.#operations(claim, asked);
    if (rest === null) return REFUSED;
    const task = taskId(claim.batch, claim.index);
    const data = encodeRecord('key', { task, queue: claim.queue, key: claim.key });
    const answer = await writer.attempt([{ op: 'create', path, data }, ...rest], { key: claim.batch });
    if (answer?.applied === true) return this.#applied(claim);
    if (!isTaken(answer)) {
      if (answer !== null) this.#context.refused(answer);
      return REFUSED;
    }
    const znode = await readable(this.#context, path, zk.get(path));
    if (znode === null) return 'let-go';
    if (this.#holderOf(path, znode.data) !== task) return heldBy(this.#holderOf(path, znode.data));
    // The key is this task's own: its release was lost earlier.
    const kept = await writer.attempt([{ op: 'check', path, version: znode.stat.version }, ...rest], {
      key: claim.batch,
    });
    return kept?.applied === true ? this.#applied(claim) : 'let-go';
  }

  /** `null`: the batch is gone, or cannot be read. */
  async #operations(claim: Claim, asked: Asked): Promise<Operation[] | null> {
    const { zk, epoch, leader, clock } = this.#context;
    const { batch, n, attempt, index } = claim;
    const record = { kind: 'record', batch, n, attempt, worker: null } as const;
    const ends = [{ from: index, to: index + 1, outcome: 'requeued' } as const];
    const { by, reason } = asked;
    const written = recordOperations({ ...record, ends }, { epoch, leader, at: clock.now(), by, reason });
    const header = this.#tasks.header(batch);
    if (header?.finished === undefined) return written;
    const path = batchPath(batch);
    const znode = await readable(this.#context, path, zk.get(path));
    if (znode === null || !this.#context.active()) return null;
    try {
      return [...rewriteOperations(batch, reopenedHeader(header), decodeBatch(path, znode.data)), ...written];
    } catch (error) {
      reportInvalid(this.#context, path, error);
      return null;
    }
  }

  #applied({ batch, n }: Claim): 'applied' {
    const { epoch } = this.#context;
    const header = this.#tasks.header(batch);
    this.#tasks.writing(batch, recordName({ n }, epoch));
    if (header?.finished !== undefined) this.#tasks.rewritten(batch, reopenedHeader(header));
    return 'applied';
  }

  #holderOf(path: string, data: Uint8Array): string | null {
    try {
      return decodeRecord('key', path, data).task;
    } catch (error) {
      reportInvalid(this.#context, path, error);
      return null;
    }
  }

  /** The batch was removed while its key was taken: releases the key. */
  #letGo({ batch, queue, key }: Claim): void {
    const { writer } = this.#context;
    const free = writer.attempt([{ op: 'delete', path: keyPath(queue, key), version: 0 }], { key: batch });
    inBackground(free, (error) => this.#context.broken(error));
  }
}

const REFUSED: TaskReply = Object.freeze({
  ok: false,
  state: 'failed',
  message: 'ZooKeeper did not accept the write; try again',
});

const isTaken = (answer: Attempted | null): boolean =>
  answer?.applied === false && answer.failedIndex === 0 && answer.code === 'NODE_EXISTS';

function heldBy(task: string | null): TaskReply {
  const holder = task === null ? 'another task has its key' : `task ${task} has its key`;
  return { ok: false, state: 'failed', message: `${holder} and is unfinished; retry when that task has finished` };
}
