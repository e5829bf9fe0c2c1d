import type { Zone } from '@drover/calendar';
import { parseTaskId, type TaskId } from '@drover/core';
import type { Call } from '@drover/worker';
import type { Book, Ending } from '../processes/client-program.js';
import type { Committed } from '../server/authority.js';
import type { Trace } from '../trace.js';
import { AfterRules } from './after-rules.js';
import { BroadcastRules } from './broadcast-rules.js';
import { Findings } from './findings.js';
import { FlowRules } from './flow-rules.js';
import { HandlerRules, type Beginning } from './handler-rules.js';
import { FireRules } from './fire-rules.js';
import { LimitRules } from './limit-rules.js';
import { LeaderRules } from './leader-rules.js';
import { PlacementRules } from './placement-rules.js';
import { ScheduleRules } from './schedule-rules.js';
import { TaskRules, type TaskState } from './task-rules.js';
import { UniqueRules } from './unique-rules.js';
import { WaitRules } from './wait-rules.js';
import { describeChange, toChange } from './znode-change.js';

export interface RulesOptions {
  trace: Trace | undefined;
  /** The process that a session belongs to. */
  nameOf: (sessionId: bigint) => string;
  /** Wall clock of the world. */
  nowMs: () => number;
  /** ZooKeeper's. */
  serverNowMs: () => number;
  /** Data of time zones of a scheduler. */
  zonesOf: (sessionId: bigint) => (name: string) => Zone | null;
  /** ZooKeeper's clock is not moved. */
  isTimeRight: boolean;
  /** A decision by what the leader knew before is written so much later, at most. */
  knownWithinMs: number;
  /** A task makes room for others so often, at most. */
  maxPreemptions: number;
}

/** All that must hold, at every transaction and at the end. */
export class Rules implements Book {
  readonly findings: Findings;
  readonly handlers: HandlerRules;
  readonly leader: LeaderRules;
  readonly tasks: TaskRules;
  readonly unique: UniqueRules;
  readonly waits: WaitRules;
  readonly after: AfterRules;
  readonly limits: LimitRules;
  readonly placement: PlacementRules;
  readonly schedules: ScheduleRules;
  readonly fires: FireRules;
  readonly flows: FlowRules;
  readonly broadcasts: BroadcastRules;
  readonly #acknowledged = new Set<TaskId>();
  readonly #trace: Trace | undefined;
  readonly #nameOf: (sessionId: bigint) => string;

  constructor(options: RulesOptions) {
    const { trace, nameOf } = options;
    this.#trace = trace;
    this.#nameOf = nameOf;
    this.findings = new Findings((text) => trace?.('rules', text));
    this.handlers = new HandlerRules(
      this.findings,
      (call) => this.placement.needsOf(call),
      (token) => this.tasks.isOfCopy(token),
    );
    this.leader = new LeaderRules(this.findings, (own, other) => this.tasks.areRivals(own, other));
    this.tasks = new TaskRules(this.findings, () => this.leader.epoch, options.isTimeRight, options.maxPreemptions);
    const taskOf = (batch: string, index: number): TaskState | undefined => this.tasks.task(batch, index);
    this.unique = new UniqueRules(this.findings, taskOf);
    this.waits = new WaitRules(this.findings, taskOf, options);
    this.after = new AfterRules(this.findings, taskOf);
    this.limits = new LimitRules(this.findings, taskOf, options);
    this.placement = new PlacementRules(this.findings, taskOf, options);
    this.fires = new FireRules(this.findings, taskOf, (batch) => this.tasks.isRemoved(batch));
    this.flows = new FlowRules(this.findings, taskOf, {
      nowMs: options.serverNowMs,
      isTimeRight: options.isTimeRight,
    });
    this.broadcasts = new BroadcastRules(this.findings, taskOf);
    this.schedules = new ScheduleRules(this.findings, this.fires, options);
  }

  get acknowledgedCount(): number {
    return this.#acknowledged.size;
  }

  committed(entry: Committed): void {
    const change = toChange(entry);
    if (change === null) return;
    this.#trace?.(this.#nameOf(change.sessionId), `zk ${change.zxid} ${describeChange(change)}`);
    try {
      this.leader.see(change);
      this.tasks.see(change);
      this.unique.see(change);
      this.waits.see(change);
      this.after.see(change);
      this.limits.see(change);
      this.placement.see(change);
      this.schedules.see(change);
      this.fires.see(change);
      this.flows.see(change);
      this.broadcasts.see(change);
    } catch (error) {
      this.findings.add(`zxid ${change.zxid}: ${String(error)}`);
    }
  }

  begins(call: Call, beginning: Beginning): void {
    this.handlers.begins(call, beginning);
    this.flows.begins(call);
  }

  acknowledged(id: TaskId): void {
    this.#acknowledged.add(id);
    if (this.#task(id) === undefined) this.findings.add(`task ${id} was acknowledged and is not in ZooKeeper`);
  }

  ended(id: TaskId, ending: Ending): void {
    const task = this.#task(id);
    if (task === undefined) {
      this.findings.add(`a client was told of the end of ${id}, which never was`);
      return;
    }
    if (ending.state === 'not found') {
      const isRemoved = this.tasks.isRemoved(parseTaskId(id)?.batch ?? '');
      this.findings.expect(isRemoved, () => `a client was told that ${id} is not there`);
      return;
    }
    if (task.isRequeued) return;
    const agrees = task.final === ending.state;
    this.findings.expect(
      agrees,
      () => `a client was told that ${id} has ${ending.state}, it has ${task.final ?? 'not'}`,
    );
    if (ending.state === 'succeeded') this.#checkResult(task, ending.result);
  }

  #checkResult({ id, progress }: TaskState, result: unknown): void {
    if (typeof result !== 'object' || result === null || !('task' in result) || !('attempt' in result)) return;
    const isOwn = result.task === id && result.attempt === progress.attempt;
    this.findings.expect(isOwn, () => `the result of ${id}, attempt ${progress.attempt}, is ${JSON.stringify(result)}`);
  }

  #task(id: TaskId): TaskState | undefined {
    const at = parseTaskId(id);
    return at === null ? undefined : this.tasks.task(at.batch, at.index);
  }
}
