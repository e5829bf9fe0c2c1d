import { indexesOf, parseTaskId } from '@drover/core';
import { decodeRecord, ROOTS, type FireRecord } from '@drover/protocol';
import type { Overlap } from '@drover/schedules';
import type { Findings } from './findings.js';
import type { TaskState } from './task-rules.js';
import type { ZnodeChange } from './znode-change.js';

/** A fire of one life of a schedule. */
export interface MadeFire {
  readonly record: FireRecord;
  readonly task: TaskState;
  /** It was handed out. */
  wasOut: boolean;
  /** A newer fire went out in its place. */
  replacedBy: MadeFire | null;
}

/** One schedule from its set to its removal: the number above which its fires are tells those of one name apart. */
export type LifeName = `${string}@${number}`;

/** Whether a fire replaces those that wait before it. */
const replaces = ({ record }: MadeFire): boolean =>
  record.wait === 'latest' || record.wait === 'cancel' || record.wait === 'terminate';

/** It has not ended, and nobody has asked for another run of it by hand. */
const isOpen = ({ task }: MadeFire): boolean => task.final === null && !task.isRequeued;

/**
 * The policies of overlap, told by hand-outs and ends alone: a fire that does not wait is made while no other one of its
 * schedule has not ended, unless its policy is `allow`; one that waits goes out when every earlier one has ended; one that
 * was replaced never goes out.
 */
export class FireRules {
  readonly #findings: Findings;
  readonly #taskOf: (batch: string, index: number) => TaskState | undefined;
  readonly #isRemoved: (batch: string) => boolean;
  readonly #backfilled = new Map<LifeName, MadeFire[]>();
  readonly #lives = new Map<LifeName, MadeFire[]>();
  readonly #byTask = new Map<string, { fire: MadeFire; life: LifeName }>();

  /** `isRemoved`: retention has removed the batch. */
  constructor(
    findings: Findings,
    taskOf: (batch: string, index: number) => TaskState | undefined,
    isRemoved: (batch: string) => boolean,
  ) {
    this.#findings = findings;
    this.#taskOf = taskOf;
    this.#isRemoved = isRemoved;
  }

  /** All that were made, but for those of back-fills, in the order of their numbers. */
  of(life: LifeName): readonly MadeFire[] {
    return this.#lives.get(life) ?? [];
  }

  /** Of one back-fill, how many have not ended. */
  openOfBackfill(life: LifeName, id: string): number {
    return (this.#backfilled.get(life) ?? []).filter((fire) => fire.record.id === id && isOpen(fire)).length;
  }

  /** Whether there is a fire for the time, in whatever state. */
  isKept(life: LifeName, nominal: number): boolean {
    const isOf = ({ record, task }: MadeFire): boolean =>
      record.nominal === nominal && record.kind !== 'trigger' && !this.#isRemoved(parseTaskId(task.id)?.batch ?? '');
    return [...this.of(life), ...(this.#backfilled.get(life) ?? [])].some(isOf);
  }

  get count(): number {
    return this.#byTask.size;
  }

  /** Those that wait: they were not handed out, and may be. */
  waiting(life: LifeName): MadeFire[] {
    return this.of(life).filter((fire) => fire.record.wait !== undefined && !fire.wasOut && isOpen(fire));
  }

  /** `policy`: what it was made by. Those of back-fills are beside the others. */
  made(life: LifeName, record: FireRecord, batch: string, index: number, policy: Overlap): void {
    const task = this.#taskOf(batch, index);
    if (task === undefined) return;
    if (record.kind === 'backfill') {
      const fire = { record, task, wasOut: false, replacedBy: null };
      this.#backfilled.set(life, [...(this.#backfilled.get(life) ?? []), fire]);
      return;
    }
    const before = this.of(life);
    const open = before.filter(isOpen);
    const mayBeBeside = record.wait !== undefined || policy === 'allow';
    this.#findings.expect(
      mayBeBeside || open.length === 0,
      () => `fire ${record.n} of ${life} was made to start (${policy}), ${open[0]?.task.id ?? ''} has not ended`,
    );
    // One that was released waits no more, and may not have been handed out yet.
    const waiting = open.filter((fire) => fire.record.wait !== undefined && !fire.wasOut);
    this.#findings.expect(
      record.wait !== 'one' || waiting.length <= 1,
      () => `fire ${record.n} of ${life} waits beside ${waiting.length} others, one may wait`,
    );
    const fire: MadeFire = { record, task, wasOut: false, replacedBy: null };
    this.#lives.set(life, [...before, fire]);
    this.#byTask.set(task.id, { fire, life });
  }

  /** After the rules of tasks and of schedules have seen it. */
  see({ writes, isSessionEnd }: ZnodeChange): void {
    if (isSessionEnd || this.#byTask.size === 0) return;
    for (const write of writes) {
      if (write.op !== 'create') continue;
      if (write.path.startsWith(`${ROOTS.assignments}/`) && write.path.split('/').length === 4)
        this.#assigned(write.path, write.data);
    }
  }

  #assigned(path: string, data: Buffer): void {
    const { batch, tasks } = decodeRecord('assignment', path, data);
    for (const index of indexesOf(tasks)) {
      const known = this.#byTask.get(this.#taskOf(batch, index)?.id ?? '');
      if (known !== undefined) this.#out(known.fire, known.life);
    }
  }

  #out(fire: MadeFire, life: LifeName): void {
    const { record, task, replacedBy } = fire;
    this.#findings.expect(
      replacedBy === null || task.isRequeued,
      () => `fire ${record.n} of ${life} went out after ${replacedBy?.record.n ?? ''} had replaced it`,
    );
    if (!fire.wasOut && record.wait !== undefined && !task.isRequeued) this.#startsAlone(fire, life);
    fire.wasOut = true;
  }

  #startsAlone(fire: MadeFire, life: LifeName): void {
    const before = this.of(life).filter((other) => other.record.n < fire.record.n && isOpen(other));
    for (const other of before) {
      const isReplaced =
        !other.wasOut &&
        other.record.wait !== undefined &&
        this.of(life).some(
          (newer) => newer.record.n > other.record.n && newer.record.n <= fire.record.n && replaces(newer),
        );
      if (isReplaced) other.replacedBy = fire;
      else
        this.#findings.add(
          `fire ${fire.record.n} of ${life} (waits: ${fire.record.wait ?? ''}) went out before ${other.record.n} had ended`,
        );
    }
  }

  /** The number of fires of the life above `from` and up to `to` that failed, or have failed and were asked for again. */
  failedOf(life: LifeName, from: number, to: number): { most: number; unended: string | null } {
    const judged = this.of(life).filter(({ record: { n } }) => n > from && n <= to);
    const unended = judged.find(isOpen)?.task.id ?? null;
    return { most: judged.filter(({ task }) => task.final !== 'succeeded' || task.isRequeued).length, unended };
  }
}
