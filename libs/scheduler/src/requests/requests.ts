import { ChildrenCache } from '@drover/coordination';
import { RecordError, type BatchId } from '@drover/core';
import type { TaskReply } from '@drover/planner';
import { commandPath, decodeRecord, ROOTS, type CommandAnswer, type CommandRecord } from '@drover/protocol';
import type { CommandRequest } from '@drover/protocol';
import { inBackground } from '@drover/runtime';
import type { ErrorCode, Znode } from '@drover/zookeeper';
import type { KeyedRetries } from '../commands/keyed-retries.js';
import type { Erasures } from '../commands/erasures.js';
import type { Asked } from '../commands/operations.js';
import type { Assignments } from '../facts/assignments.js';
import { isFlowRequest, type FlowRequests } from '../flows/flow-requests.js';
import type { QueuesWatcher } from '../facts/queues-watcher.js';
import type { TasksWatcher } from '../facts/tasks-watcher.js';
import type { WorkersWatcher } from '../facts/workers-watcher.js';
import { reportInvalid, type TermContext } from '../term/term-context.js';
import {
  addressesOf,
  answeredCommand,
  answeredUnread,
  answerTasks,
  changeAt,
  changedSettings,
  changeOf,
  changeProblem,
  queueProblem,
  settingsOperation,
  settingsProblem,
  shortAnswer,
  targetOf,
  whyNoTask,
  type TaskAddress,
} from './requests.decide.js';
import { isDefinitionRequest, type DefinitionRequests } from '../definitions/definition-requests.js';
import { isLimitRequest, type LimitRequests } from '../limits/limit-requests.js';
import { cancelBroadcasts } from '../broadcasts/broadcast-requests.js';
import type { Broadcasts } from '../broadcasts/broadcasts.js';
import { isScaleRequest, type ScaleCommand } from '../scaling/scale-requests.js';
import { isScheduleRequest, type ScheduleRequests } from '../schedules/schedule-requests.js';
import type { TermExplainer } from './explainer.js';
import { answerOf, movedBefore, purgedBefore, whyUnreadable, withoutUnreadable } from './rewrites.js';

const NONE: ReadonlyMap<BatchId, string> = new Map();
const UNKNOWN: TaskReply = Object.freeze({ ok: false, state: 'unknown' });

type RequestOf<Kind extends CommandRequest['kind']> = Extract<CommandRequest, { kind: Kind }>;

export interface RequestsOptions {
  context: TermContext;
  workers: WorkersWatcher;
  assignments: Assignments;
  queues: QueuesWatcher;
  tasks: Pick<TasksWatcher, 'whyUnreadable'>;
  keyedRetries: KeyedRetries;
  erasures: Erasures;
  schedules: ScheduleRequests;
  broadcasts: Broadcasts;
  /** Of batches in which tasks go on that are changed. */
  newBatchId: () => BatchId;
  limits: LimitRequests;
  definitions: DefinitionRequests;
  scale: (request: ScaleCommand) => CommandAnswer;
  flows: FlowRequests;
  explain: TermExplainer;
  /** Plans now, and hands what came of it to the writer. */
  plan: (asked?: Asked) => void;
  /** Resolves when all commands for these batches are handed to the writer, and none waits to be repeated. */
  settled: (batches: Iterable<BatchId>) => Promise<void>;
}

/** The outcome of a request, and the writes that must be durable before it is answered. */
interface Done {
  answer: CommandAnswer;
  batches: ReadonlySet<BatchId>;
  /** The answer takes a while: the next requests go on meanwhile. */
  later?: () => Promise<CommandAnswer>;
}
const NOTHING: ReadonlySet<BatchId> = new Set();

/**
 * Requests to the leader: ephemeral znodes of clients below `/commands`. The leader carries out a request, and writes
 * the answer into its znode when the effect is durable. The next leader finds requests that were not answered when the
 * term ended: every request may be carried out twice.
 *
 * An overloaded system still obeys its operator: requests are read and answered while the intake is closed; answers,
 * drains and settings are written before the backlog of other writes; and a request that waits for ZooKeeper to take
 * its writes does not delay the next ones.
 */
export class Requests {
  readonly #options: RequestsOptions;
  readonly #children: ChildrenCache;
  readonly #taken = new Set<string>();
  /** A request that is there when the term begins may have been carried out by an earlier leader. */
  #isStarting = true;
  /** Requests run one after the other, since each may change what the next one reads. */
  #last: Promise<void> = Promise.resolve();

  constructor(options: RequestsOptions) {
    this.#options = options;
    const { context } = options;
    this.#children = new ChildrenCache({
      zk: context.zk,
      directory: ROOTS.commands,
      put: (id, znode) => this.#put(id, znode),
      gone: (id) => this.#taken.delete(id),
      unreadable: (id, error) => reportInvalid(context, commandPath(id), error),
      failed: (error) => context.broken(error),
    });
  }

  async start(): Promise<void> {
    await this.#children.start();
    this.#isStarting = false;
  }
  async stop(): Promise<void> {
    await this.#children.stop();
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
    const isRepeated = this.#isStarting || command.again === true;
    this.#last = this.#last
      .then(() => this.#execute(id, command, isRepeated))
      .catch((error: unknown) => context.broken(error));
  }

  async #execute(id: string, command: CommandRecord, isRepeated: boolean): Promise<void> {
    const { context } = this.#options;
    if (!context.active()) return;
    const done = await this.#act(id, command, isRepeated);
    // The next requests need not wait for it: they see its effect in memory.
    inBackground(this.#conclude(id, command, done), (error) => context.broken(error));
  }

  async #conclude(id: string, command: CommandRecord, done: Done): Promise<void> {
    const { context, settled } = this.#options;
    const { batches, later } = done;
    const answer = later === undefined ? done.answer : await later();
    if (batches.size > 0) {
      await settled(batches);
      if (!context.active() || !(await context.writer.durable())) return;
      // One of these writes may have been refused, and is repeated: wait for that too.
      await settled(batches);
    }
    if (!context.active()) return;
    const { by, reason, request } = command;
    const { kind } = request;
    context.log.event('command.done', { command: id, kind, target: targetOf(request), by, reason, ok: answer.ok });
    context.metrics.count('drover_commands_total', { kind, ok: String(answer.ok) });
    this.#write(id, answeredCommand(command, answer), answer.ok);
  }

  /** `isRepeated`: it may have been carried out before. Then it is answered as it was, and done if it was not. */
  async #act(id: string, command: CommandRecord, isRepeated: boolean): Promise<Done> {
    const { planner } = this.#options.context;
    const { request } = command;
    if (isScheduleRequest(request)) {
      const answer = await this.#options.schedules.act(id, request, command);
      this.#options.context.news.schedulesChanged();
      return { answer, batches: NOTHING };
    }
    if (isFlowRequest(request)) {
      const later = await this.#options.flows.act(request, command, isRepeated);
      return { answer: { ok: true }, batches: NOTHING, later };
    }
    if (isDefinitionRequest(request))
      return { answer: await this.#options.definitions.act(request, command, isRepeated), batches: NOTHING };
    if (isLimitRequest(request))
      return { answer: await this.#options.limits.act(request, command, isRepeated), batches: NOTHING };
    if (isScaleRequest(request)) return { answer: this.#options.scale(request), batches: NOTHING };
    switch (request.kind) {
      case 'cancel':
        return this.#tasks(request.tasks, command, (tasks, now) => planner.cancel(tasks, now));
      case 'change':
        return this.#change(request, command, isRepeated);
      case 'purge':
        return this.#purge(request.tasks, command, isRepeated);
      case 'erase':
        return this.#erase(request.tasks);
      case 'retry':
        return this.#retry(request.tasks, command);
      case 'drain':
        return { answer: await this.#drain(request, command), batches: NOTHING };
      case 'configure':
        return { answer: await this.#configure(request, command), batches: NOTHING };
      case 'cancel-broadcasts':
        return cancelBroadcasts(this.#options.broadcasts, request, command);
      case 'why':
        return { answer: this.#why(request), batches: NOTHING };
    }
  }

  #tasks(
    tasks: readonly string[],
    { by, reason }: CommandRecord,
    ask: (addresses: TaskAddress[], now: number) => TaskReply[],
  ): Done {
    const { context, plan } = this.#options;
    const addresses = addressesOf(tasks);
    const known = addresses.filter((address) => address !== null);
    // Writes that wait now belong to other requests: they are planned first.
    plan();
    const replies = this.#explained(known, ask(known, context.clock.now()));
    plan({ by, reason });
    return { answer: answerTasks(tasks, addresses, replies), batches: new Set(known.map(({ batch }) => batch)) };
  }

  /**
   * Completes replies: the planner does not know batches that this program cannot read, and says only that there is no
   * such task.
   */
  #explained(tasks: readonly TaskAddress[], replies: readonly TaskReply[]): TaskReply[] {
    return replies.map((reply, at) => {
      const why = reply.state === 'unknown' ? this.#options.tasks.whyUnreadable(tasks[at]?.batch ?? '') : null;
      return why === null ? reply : { ok: false, state: 'unreadable', message: why.message };
    });
  }

  async #change(request: RequestOf<'change'>, command: CommandRecord, isRepeated: boolean): Promise<Done> {
    const { context, newBatchId } = this.#options;
    const { planner, clock } = context;
    const problem = changeProblem(request, clock.now());
    if (problem !== null) return { answer: { ok: false, message: problem }, batches: NOTHING };
    const isMove = request.queue !== undefined || request.priority !== undefined;
    const unreadable = isMove ? await this.#unreadable(request.tasks) : NONE;
    const done = this.#tasks(request.tasks, command, (known, now) =>
      withoutUnreadable(known, unreadable, (tasks) => planner.change(tasks, changeAt(request, now), now, newBatchId)),
    );
    if (!isMove || !isRepeated || done.answer.tasks === undefined) return done;
    return { ...done, answer: answerOf(await movedBefore(context, done.answer.tasks)) };
  }

  async #purge(tasks: readonly string[], command: CommandRecord, isRepeated: boolean): Promise<Done> {
    const { planner } = this.#options.context;
    const unreadable = await this.#unreadable(tasks);
    const done = this.#tasks(tasks, command, (known) =>
      withoutUnreadable(known, unreadable, (readable) => planner.purge(readable)),
    );
    if (!isRepeated || done.answer.tasks === undefined) return done;
    return { ...done, answer: answerOf(purgedBefore(done.answer.tasks)) };
  }

  /** Why batches cannot be written anew; those that the planner refuses anyhow are not looked at. */
  #unreadable(tasks: readonly string[]): Promise<ReadonlyMap<BatchId, string>> {
    const { context } = this.#options;
    const known = addressesOf(tasks).filter((address) => address !== null);
    const batches = known.filter((address) => context.planner.stateOf(address) !== null).map(({ batch }) => batch);
    return whyUnreadable(context, new Set(batches));
  }

  #erase(tasks: readonly string[]): Done {
    const addresses = addressesOf(tasks);
    const known = addresses.filter((address) => address !== null);
    const answer = async (): Promise<CommandAnswer> => {
      const replies = this.#explained(known, await this.#options.erasures.erase(known));
      return answerTasks(tasks, addresses, replies);
    };
    return { answer: { ok: true }, batches: NOTHING, later: answer };
  }

  /** Retries tasks with a key first, since these may be refused. */
  async #retry(tasks: readonly string[], command: CommandRecord): Promise<Done> {
    const { context, keyedRetries } = this.#options;
    const known = addressesOf(tasks).filter((address) => address !== null);
    const keyed = await keyedRetries.retry(known, command);
    return this.#tasks(tasks, command, (_known, now) => {
      const others = known.filter((_task, at) => keyed[at] === null);
      const replies = context.planner.retry(others, now);
      return keyed.map((reply) => reply ?? replies.shift() ?? UNKNOWN);
    });
  }

  async #drain({ worker, draining }: RequestOf<'drain'>, command: CommandRecord): Promise<CommandAnswer> {
    const { context, workers, assignments } = this.#options;
    const ids = workers.named(worker);
    if (ids.length === 0) return { ok: false, message: `no worker named '${worker}'` };
    for (const id of ids) {
      const newer = assignments.newerDirectory(id);
      if (newer !== null) return { ok: false, message: newer.message };
    }
    const change = changeOf(command, context.clock.now());
    let refusals: (ErrorCode | null)[];
    try {
      refusals = await Promise.all(ids.map((id) => assignments.drain(id, draining, change)));
    } catch (error) {
      if (error instanceof RecordError) return { ok: false, message: error.message };
      throw error;
    }
    for (const id of ids) workers.retell(id);
    const refusal = refusals.find((code) => code !== null);
    if (refusal === undefined) return { ok: true };
    const message = refusal === 'NO_NODE' ? `worker '${worker}' has left` : refusedBy(refusal);
    return { ok: false, message };
  }

  async #configure({ queue, settings }: RequestOf<'configure'>, command: CommandRecord): Promise<CommandAnswer> {
    const { context, queues } = this.#options;
    const problem = queueProblem(queue) ?? queues.whyLeftAlone(queue)?.message ?? null;
    if (problem !== null) return { ok: false, message: problem };
    const known = context.planner.knowsQueue(queue);
    const before = queues.get(queue);
    const after = changedSettings(before, settings, changeOf(command, context.clock.now()));
    const tooMuch = settingsProblem(queue, after);
    if (tooMuch !== null) return { ok: false, message: tooMuch };
    const operation = settingsOperation(queue, before, after);
    if (operation === null) return { ok: true, known };
    const answer = await context.writer.attempt([operation], { urgent: true });
    if (answer === null) return { ok: false, message: 'the leader changed; try again' };
    if (!answer.applied) {
      const byOthers = answer.code === 'NO_NODE' || answer.code === 'NODE_EXISTS';
      if (!byOthers) context.refused(answer);
      const message = byOthers ? 'the queue was changed at the same time; try again' : refusedBy(answer.code);
      return { ok: false, message };
    }
    queues.written(queue, after);
    return { ok: true, known };
  }

  #why({ task }: RequestOf<'why'>): CommandAnswer {
    const { explain, tasks } = this.#options;
    const [address = null] = addressesOf([task]);
    if (address === null) return { ok: false, message: whyNoTask(task) };
    const why = explain(address);
    if (why === null) return { ok: false, message: tasks.whyUnreadable(address.batch)?.message ?? unknownTask(task) };
    return { ok: true, why };
  }

  #answer(id: string, data: Uint8Array, answer: CommandAnswer): void {
    this.#write(id, answeredUnread(data, answer), false);
  }

  /**
   * The requester may be gone, and the ephemeral with it. If there is no room for the whole answer, a short one is
   * written.
   */
  #write(id: string, data: string, ok: boolean): void {
    const { context } = this.#options;
    const path = commandPath(id);
    const written = context.writer.attempt([{ op: 'set', path, data }], { urgent: true }).then((answer) => {
      if (answer === null || answer.applied || answer.code === 'NO_NODE') return;
      context.refused(answer);
      const short = shortAnswer(ok, answer.code);
      if (short.length < data.length) this.#write(id, short, ok);
    });
    inBackground(written, (error) => context.broken(error));
  }
}

/** A task that was submitted a moment ago may not have been read yet. */
const unknownTask = (task: string): string => `the leader knows no task ${task}: it was submitted just now, or is gone`;
const refusedBy = (code: string): string => `ZooKeeper refused the change (${code})`;
