import { DEFINITION_KINDS, RecordError } from '@drover/core';
import {
  assignmentPath,
  BUCKETS,
  calendarPath,
  decodeBatch,
  decodeRecord,
  definitionPath,
  definitionsPath,
  limitPath,
  parseAssignmentName,
  parseResultName,
  queuePath,
  ROOTS,
  schedulerPath,
  workerAssignmentsPath,
  workerPath,
  type RecordKind,
} from '@drover/protocol';
import { sleep, type Runtime } from '@drover/runtime';
import type * as zookeeper from '@drover/zookeeper';
import type { RecordFacts } from '../facts.js';

/** Reads in a second, so that a walk costs ZooKeeper little. */
const READS_PER_SECOND = 2_000;
const AT_A_TIME = 100;
/** The longest answer of ZooKeeper by default, and the part of it at which a directory is too full. */
const ANSWER_BYTES = 1_048_576;
const FULL = 0.8;
/** Of a name in a list, beside its characters. */
const NAME_BYTES = 4;
/** The leader revokes the assignments of a dead worker within this time. */
const REVOKED_MS = 5_000;

/** Walks all records and reads them. Changes nothing. */
export class RecordWalk {
  readonly #zk: zookeeper.ZooKeeper;
  readonly #nullOn: typeof zookeeper.nullOn;
  readonly #runtime: Runtime;
  readonly #invalid: { path: string; why: string }[] = [];
  readonly #full: { path: string; children: number }[] = [];
  #read = 0;

  /** `nullOn` of the ZooKeeper library, which is loaded when it is needed. */
  constructor(zk: zookeeper.ZooKeeper, runtime: Runtime, nullOn: typeof zookeeper.nullOn) {
    this.#zk = zk;
    this.#nullOn = nullOn;
    this.#runtime = runtime;
  }

  async walk(): Promise<RecordFacts> {
    for (const [kind, path] of SINGLE) await this.#check(path, (data) => decodeRecord(kind, path, data));
    for (const [kind, root, pathOf] of DIRECTORIES) {
      const names = await this.#children(root);
      await this.#each(names, async (name) =>
        this.#check(pathOf(name), (data) => decodeRecord(kind, pathOf(name), data)),
      );
    }
    await this.#each(BUCKETS, (bucket) => this.#checkBucket(bucket));
    const orphans = await this.#orphans();
    return { read: this.#read, invalid: this.#invalid, orphans, fullDirectories: this.#full };
  }

  async #checkBucket(bucket: string): Promise<void> {
    for (const root of [ROOTS.tasks, ROOTS.keys]) {
      const path = `${root}/${bucket}`;
      const names = await this.#children(path);
      const bytes = names.reduce((sum, name) => sum + name.length + NAME_BYTES, 0);
      if (bytes > ANSWER_BYTES * FULL) this.#full.push({ path, children: names.length });
      if (root === ROOTS.tasks) await this.#each(names, (name) => this.#checkBatch(`${path}/${name}`));
    }
  }

  async #checkBatch(path: string): Promise<void> {
    await this.#check(path, (data) => decodeBatch(path, data));
    for (const name of await this.#children(path))
      if (parseResultName(name) === null) this.#invalid.push({ path: `${path}/${name}`, why: 'no name of a result' });
  }

  /** Directories of workers that are gone, with assignments in them that stay. */
  async #orphans(): Promise<string[]> {
    const found = await this.#orphansNow();
    if (found.length === 0) return [];
    await sleep(this.#runtime, REVOKED_MS);
    const still = await this.#orphansNow();
    return found.filter((path) => still.includes(path));
  }

  async #orphansNow(): Promise<string[]> {
    const alive = new Set(await this.#children(ROOTS.workers));
    const orphans: string[] = [];
    await this.#each(await this.#children(ROOTS.assignments), async (worker) => {
      const names = (await this.#children(workerAssignmentsPath(worker))).filter(
        (name) => parseAssignmentName(name) !== null,
      );
      if (names.length > 0 && !alive.has(worker)) orphans.push(workerAssignmentsPath(worker));
      await this.#each(names, async (name) => {
        const path = assignmentPath(worker, name);
        await this.#check(path, (data) => decodeRecord('assignment', path, data));
      });
    });
    return orphans;
  }

  async #check(path: string, decode: (data: Buffer) => unknown): Promise<void> {
    this.#read++;
    const znode = await this.#nullOn(this.#zk.get(path), 'NO_NODE');
    if (znode === null) return;
    try {
      decode(znode.data);
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      if (!this.#invalid.some((known) => known.path === path)) this.#invalid.push({ path, why: error.why });
    }
  }

  async #children(path: string): Promise<string[]> {
    this.#read++;
    return (await this.#nullOn(this.#zk.children(path), 'NO_NODE')) ?? [];
  }

  /** Some at a time, at the pace. */
  async #each<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
    for (let from = 0; from < items.length; from += AT_A_TIME) {
      const some = items.slice(from, from + AT_A_TIME);
      const before = this.#read;
      const begunAt = this.#runtime.monotonic();
      await Promise.all(some.map(act));
      const dueMs = ((this.#read - before) * 1_000) / READS_PER_SECOND - (this.#runtime.monotonic() - begunAt);
      if (dueMs > 1) await sleep(this.#runtime, dueMs);
    }
  }
}

const SINGLE: readonly (readonly [RecordKind, string])[] = [
  ['epoch', ROOTS.epoch],
  ['leader', ROOTS.leader],
  ['status', ROOTS.status],
  ['intake', ROOTS.intake],
];
const DIRECTORIES: readonly (readonly [RecordKind, string, (name: string) => string])[] = [
  ['scheduler', ROOTS.schedulers, schedulerPath],
  ['worker', ROOTS.workers, workerPath],
  ['queue', ROOTS.queues, queuePath],
  ['calendar', ROOTS.calendars, calendarPath],
  ['limit', ROOTS.limits, limitPath],
  ...DEFINITION_KINDS.map(
    (kind) => [kind, definitionsPath(kind), (name: string) => definitionPath(kind, name)] as const,
  ),
];
