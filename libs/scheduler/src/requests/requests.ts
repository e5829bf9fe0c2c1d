import { Mirror } from '@drover/coordination';
import type { TaskReply } from '@drover/planner';
import { commandPath, decodeRecord, ROOTS, type CommandAnswer, type CommandRecord } from '@drover/protocol';
import type { CommandRequest } from '@drover/protocol';
import type { Znode } from '@drover/zookeeper';
import type { Assignments } from '../facts/assignments.js';
import type { QueuesFeed } from '../facts/queues-feed.js';
import type { WorkersFeed } from '../facts/workers-feed.js';
import { reportInvalid, type TermContext } from '../term/term-context.js';
import {
  addressesOf,
  answeredCommand,
  answerTasks,
  changedSettings,
  queueProblem,
  settingsOperation,
  type TaskAddress,
} from './requests.decide.js';

type RequestOf<Kind extends CommandRequest['kind']> = Extract<CommandRequest, { kind: Kind }>;

export interface RequestsOptions {
  context: TermContext;
  workers: WorkersFeed;
  assignments: Assignments;
  queues: QueuesFeed;
  /** Plans now; resolves when what came of it is handed to the writer. */
  planned: () => Promise<void>;
}

/**
 * Requests to the leader: ephemerals of whoever asks, below `/commands`. A request is carried out, and answered in
 * place when that is durable. What is not answered when the term ends is found again by the next leader: every request
 * may be carried out twice.
 */
export class Requests {
  readonly #options: RequestsOptions;
  readonly #mirror: Mirror;
  readonly #taken = new Set<string>();
  /** Requests change what the next one sees: one after the other. */
  #last: Promise<void> = Promise.resolve();

  constructor(options: RequestsOptions) {
    this.#options = options;
    const { context } = options;
    this.#mirror = new Mirror({
      zk: context.zk,
      directory: ROOTS.commands,
      put: (id, znode) => this.#put(id, znode),
      gone: (id) => this.#taken.delete(id),
      failed: (error) => context.broken(error),
    });
  }

  async start(): Promise<void> {
    await this.#mirror.start();
  }
  async stop(): Promise<void> {
    await this.#mirror.stop();
  }

  #put(id: string, znode: Znode): void {
    const { context } = this.#options;
    if (this.#taken.has(id) || !context.active()) return;
    this.#taken.add(id);
    let command: CommandRecord;
    try {
      command = decodeRecord('command', commandPath(id), znode.data);
    } catch (error) {
      reportInvalid(context, commandPath(id), error);
      return this.#answer(id, znode.data, { ok: false, message: (error as Error).message });
    }
    if (command.answer !== undefined) return;
    this.#last = this.#last.then(() => this.#carryOut(id, command)).catch((error: unknown) => context.broken(error));
  }

  async #carryOut(id: string, command: CommandRecord): Promise<void> {
    const { context } = this.#options;
    if (!context.active()) return;
    const { request } = command;
    const answer = await this.#act(request);
    if (!context.active() || !(await context.writer.durable())) return;
    context.log.event('command.done', { command: id, kind: request.kind, ok: answer.ok });
    context.metrics.count('drover_commands_total', { kind: request.kind, ok: String(answer.ok) });
    this.#write(id, answeredCommand(command, answer));
  }

  #act(request: CommandRequest): Promise<CommandAnswer> {
    switch (request.kind) {
      case 'cancel':
        return this.#tasks(request, (tasks, now) => this.#options.context.planner.cancel(tasks, now));
      case 'retry':
        return this.#tasks(request, (tasks, now) => this.#options.context.planner.retry(tasks, now));
      case 'drain':
        return this.#drain(request);
      case 'configure':
        return this.#configure(request);
    }
  }

  async #tasks(
    { tasks }: RequestOf<'cancel' | 'retry'>,
    ask: (addresses: TaskAddress[], now: number) => TaskReply[],
  ): Promise<CommandAnswer> {
    const addresses = addressesOf(tasks);
    const known = addresses.filter((address) => address !== null);
    const replies = ask(known, this.#options.context.clock.now());
    await this.#options.planned();
    return answerTasks(tasks, addresses, replies);
  }

  async #drain({ worker, draining }: RequestOf<'drain'>): Promise<CommandAnswer> {
    const { workers, assignments } = this.#options;
    const ids = workers.named(worker);
    if (ids.length === 0) return { ok: false, message: `there is no worker '${worker}'` };
    const answers = await Promise.all(ids.map((id) => assignments.drain(id, draining)));
    for (const id of ids) workers.retell(id);
    return answers.every(Boolean) ? { ok: true } : { ok: false, message: `the worker '${worker}' is gone` };
  }

  async #configure({ queue, settings }: RequestOf<'configure'>): Promise<CommandAnswer> {
    const { context, queues } = this.#options;
    const problem = queueProblem(queue);
    if (problem !== null) return { ok: false, message: problem };
    const before = queues.get(queue);
    const after = changedSettings(before, settings);
    const operation = settingsOperation(queue, before, after);
    if (operation === null) return { ok: true };
    const answer = await context.writer.attempt([operation]);
    if (answer?.applied !== true) return { ok: false, message: 'somebody else changed the queue meanwhile: try again' };
    queues.written(queue, after);
    return { ok: true };
  }

  /** What was asked cannot be read, so it is given back as it is, as text. */
  #answer(id: string, data: Uint8Array, answer: CommandAnswer): void {
    this.#write(id, JSON.stringify({ v: 1, request: new TextDecoder().decode(data), answer }));
  }

  /** Who asked may be gone, and the ephemeral with it. */
  #write(id: string, data: string): void {
    void this.#options.context.writer.attempt([{ op: 'set', path: commandPath(id), data }]);
  }
}
